/**
 * Who has signed in to the operator's pages: kept in memory alone, so that a restart signs everybody out, and for a working day at
 * most. The cookie is chance; what is kept of it is a digest.
 */
import { createHash } from 'node:crypto';
import type { Clock } from '../../std/clock.ts';
import type { RandomBytes } from '../../std/random.ts';

export const sessionMs = 12 * 60 * 60_000;
/** Sessions at once; of more the oldest ends. */
export const sessionsMax = 100;
/** Wrong tokens from one address within `triesMs`. */
export const triesMax = 10;
export const triesMs = 10 * 60_000;
const addressesMax = 10_000;
const secretBytes = 32;
const cookieName = 'holdfast_operator';

export interface Session {
  /** Who writes: stands beside what they do. */
  readonly author: string;
  /** Has to come with every form. */
  readonly formToken: string;
  readonly endsAt: number;
}

export class Sessions {
  readonly #clock: Clock;
  readonly #random: RandomBytes;
  readonly #known = new Map<string, Session>();

  constructor(clock: Clock, random: RandomBytes) {
    this.#clock = clock;
    this.#random = random;
  }

  /** @returns the Set-Cookie header of a new session */
  begin(author: string, isSecure: boolean): string {
    const secret = this.#secret();
    const endsAt = this.#clock.now() + sessionMs;
    for (const [digest, session] of this.#known) {
      if (session.endsAt > this.#clock.now() && this.#known.size < sessionsMax) break;
      this.#known.delete(digest);
    }
    this.#known.set(digestOf(secret), { author, formToken: this.#secret(), endsAt });
    return cookie(secret, sessionMs / 1_000, isSecure);
  }

  /** @param cookies the Cookie header; @returns the session, unless it has ended */
  find(cookies: string | undefined): Session | undefined {
    const session = this.#known.get(digestOf(secretIn(cookies)));
    return session !== undefined && session.endsAt > this.#clock.now() ? session : undefined;
  }

  /** @returns the Set-Cookie header that forgets it */
  end(cookies: string | undefined, isSecure: boolean): string {
    this.#known.delete(digestOf(secretIn(cookies)));
    return cookie('', 0, isSecure);
  }

  #secret(): string {
    return Buffer.from(this.#random(secretBytes)).toString('base64url');
  }
}

/** Wrong tokens by address, so that whoever tries for ever fills no log. */
export class SignInTries {
  readonly #clock: Clock;
  readonly #failures = new Map<string, { count: number; from: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  isAllowed(address: string): boolean {
    const known = this.#failures.get(address);
    return known === undefined || known.count < triesMax || known.from + triesMs <= this.#clock.now();
  }

  noteFailure(address: string): void {
    const now = this.#clock.now();
    const known = this.#failures.get(address);
    if (known !== undefined && known.from + triesMs > now) {
      known.count += 1;
      return;
    }
    // Those that began longest ago stand first.
    this.#failures.delete(address);
    const [oldest] = this.#failures.keys();
    if (oldest !== undefined && this.#failures.size >= addressesMax) this.#failures.delete(oldest);
    this.#failures.set(address, { count: 1, from: now });
  }
}

const digestOf = (secret: string) => createHash('sha256').update(secret).digest('base64');

function secretIn(cookies: string | undefined): string {
  return new RegExp(`(?:^|;\\s*)${cookieName}=([\\w-]+)`).exec(cookies ?? '')?.[1] ?? '';
}

function cookie(value: string, seconds: number, isSecure: boolean): string {
  return `${cookieName}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`;
}
