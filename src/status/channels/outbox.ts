/**
 * The outbox: a message that is in it is on disk, and stays there until somebody took it, refused it for good, or its time is over.
 * Alarms and subscribers have lanes of their own, and each way out has its own pauses, so that neither ten thousand subscribers nor
 * a dead channel delay a page. A message whose answer was lost is sent again with the same id: twice is better than never.
 */
import type { Clock } from '../../std/clock.ts';
import type { RandomBytes } from '../../std/random.ts';
import { type Refusal, refuse } from '../../std/refusals.ts';
import { inTransaction, type StatusDatabase } from '../database.ts';
import { newId } from '../ids.ts';
import { type ChannelSettings, carry } from './carry.ts';
import { type Circuit, newCircuit, note, tryPauseMs } from './circuit.ts';
import { circuitOf, type Message, type Outcome, oneLine, type Target } from './message.ts';
import { type Lane, OutboxRows, type Row } from './outbox-rows.ts';

export interface Letter {
  readonly target: Target;
  readonly message: Message;
  /** Of two letters with one key, within a week, the second is the first. */
  readonly dedupeKey: string;
  /** What it belongs to, such as an alarm, for `ofReference` and `withdraw`. */
  readonly reference?: string;
  /** From then on it is of no use; UTC milliseconds. */
  readonly expiresAt: number;
  /** Earliest time; UTC milliseconds. */
  readonly notBefore?: number;
  /** Goes before all others of its way, and waits for no pause when it is new. */
  readonly isUrgent?: boolean;
}

/** What is known of a way out. */
export interface ChannelState {
  /** `channel:NAME`, `subscribers:mail`, or `subscribers:HOST`. */
  readonly name: string;
  readonly lastSuccessAt: number | undefined;
  readonly lastFailureAt: number | undefined;
  readonly lastFailureWords: string;
  readonly failuresInRow: number;
  readonly refusalsInRow: number;
  /** Messages that were given up since the last success. */
  readonly lostInRow: number;
  readonly sent: number;
  readonly failed: number;
  readonly refused: number;
  readonly waiting: number;
  /** Since when the oldest message could have been sent. */
  readonly oldestUnsentAt: number | undefined;
}

export interface OutboxParts {
  readonly db: StatusDatabase;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly settings: () => ChannelSettings;
  /** How long one try may take; 30 s, as those who send webhooks commonly give. */
  readonly deadlineMs?: number;
}

const deadlineDefaultMs = 30_000;
/** Messages under way at once in a lane, and to one way out of it. */
const lanes: Record<
  Lane,
  { readonly atOnceMax: number; readonly atOncePerWayMax: number; readonly waitingMax: number }
> = {
  alarms: { atOnceMax: 64, atOncePerWayMax: 2, waitingMax: 10_000 },
  subscribers: { atOnceMax: 8, atOncePerWayMax: 4, waitingMax: 200_000 },
};
const messageCharactersMax = 100_000;
const titleLengthMax = 500;
/** A subscriber whose address fails so often does not get this message; the next one begins anew. */
const subscriberTriesMax = 10;
const keptMs = 7 * 24 * 3_600_000;
const hostsMax = 5_000;
/** Each removes a thousand; what is left is for the next time. */
const pruneRoundsMax = 50;

const laneOf = (way: string): Lane => (way.startsWith('channel:') ? 'alarms' : 'subscribers');
/** Hosts of subscribers' webhooks come and go; their figures are not kept. */
const isKept = (way: string) => way.startsWith('channel:') || way === 'subscribers:mail';

type TriedListener = (row: Row, outcome: Outcome | 'expired') => void;

export class Outbox {
  readonly #parts: Required<OutboxParts>;
  readonly #rows: OutboxRows;
  readonly #circuits: Map<string, Circuit>;
  readonly #stopping = new AbortController();
  readonly #underWay: Record<Lane, Set<Promise<void>>> = { alarms: new Set(), subscribers: new Set() };
  readonly #waiting: Record<Lane, number> = { alarms: 0, subscribers: 0 };
  readonly #listeners: TriedListener[] = [];
  #isAsked = false;

  constructor(parts: OutboxParts) {
    this.#parts = { deadlineMs: deadlineDefaultMs, ...parts };
    this.#rows = new OutboxRows(parts.db);
    this.#circuits = new Map(this.#rows.loadCircuits().map((one) => [one.name, one]));
    for (const { name, count } of this.#rows.waiting()) this.#count(name, count);
  }

  /** @returns the message's id; a refusal (`busy`, `form-field-invalid`) when its lane is full or it is too large */
  enqueue(letter: Letter): string | Refusal {
    const { target, dedupeKey, expiresAt, reference, isUrgent = false, notBefore = 0 } = letter;
    const { clock, random } = this.#parts;
    const title = oneLine(letter.message.title, titleLengthMax);
    const message = { ...letter.message, title, text: letter.message.text.toWellFormed() };
    if (JSON.stringify(message).length > messageCharactersMax) {
      return refuse('form-field-invalid', `A message has at most ${messageCharactersMax} characters.`);
    }
    const way = this.#circuit(circuitOf(target));
    const lane = laneOf(way.name);
    const { waitingMax } = lanes[lane];
    if (this.#waiting[lane] >= waitingMax && !this.#rows.hasKey(dedupeKey)) {
      return refuse('busy', `${waitingMax} messages to ${lane} are waiting already.`);
    }
    const createdAt = clock.now();
    const dueFrom = Math.max(createdAt, notBefore);
    const ids = { id: newId(random), dedupeKey, lane, circuit: way.name, reference };
    const known = this.#rows.insert({ ...ids, target, message, isUrgent, createdAt, dueFrom, expiresAt });
    if (known !== ids.id) return known;
    this.#count(way.name, 1);
    way.wakeAt = Math.min(way.wakeAt, dueFrom);
    this.#deliverSoon();
    return ids.id;
  }

  /** The same for many, in one transaction: some thousand take a tenth of a second. Not to be called within another one. */
  enqueueAll(letters: readonly Letter[]): readonly (string | Refusal)[] {
    return inTransaction(this.#parts.db, () => letters.map((letter) => this.enqueue(letter)));
  }

  /** Starts everything that is due and has a place, and gives up what is too old. To be called every second; returns at once. */
  deliver(): void {
    if (this.#stopping.signal.aborted) return;
    const now = this.#parts.clock.now();
    this.#giveUp(now);
    for (const way of [...this.#circuits.values()]) {
      const lane = laneOf(way.name);
      while (this.#underWay[lane].size < lanes[lane].atOnceMax) {
        const row = this.#dueOf(way, now);
        if (row === undefined) break;
        this.#start(row, way);
        // Whoever was served goes to the end, so that the next place is another's.
        this.#circuits.delete(way.name);
        this.#circuits.set(way.name, way);
      }
    }
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    while (this.#isAsked || this.#underWay.alarms.size + this.#underWay.subscribers.size > 0) {
      await Promise.all([...this.#underWay.alarms, ...this.#underWay.subscribers]);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Messages of a reference that wait are not sent any more. @returns how many */
  withdraw(reference: string): number {
    const waiting = this.#rows.ofReference(reference).filter(({ state }) => state === 'waiting');
    this.#rows.withdraw(reference, this.#parts.clock.now());
    for (const { circuit } of waiting) this.#count(circuit, -1);
    return waiting.length;
  }

  /** @returns every message of a reference that was made within the last week, the oldest first */
  ofReference(reference: string): readonly Row[] {
    return this.#rows.ofReference(reference);
  }

  /** The configured channels in their order, then the mail to subscribers. */
  state(): readonly ChannelState[] {
    const names = this.#parts.settings().channels.map(({ name }) => `channel:${name}`);
    return [...names, 'subscribers:mail'].map((name) => {
      const { wakeAt: _wake, pausedUntil: _pause, underWay: _busy, ...figures } = this.#circuit(name);
      return { ...figures, oldestUnsentAt: figures.waiting === 0 ? undefined : this.#rows.oldestUnsentAt(name) };
    });
  }

  /** Whether the last try of a channel failed. */
  isFailing(channel: string): boolean {
    return this.#circuit(`channel:${channel}`).failuresInRow > 0;
  }

  /** Called after each try, and when the time of a message is over. The row is as it was before. */
  onTried(listener: TriedListener): void {
    this.#listeners.push(listener);
  }

  /** Removes what was done a week ago, and counts anew what waits. To be called now and then. */
  keep(): void {
    const until = this.#parts.clock.now() - keptMs;
    for (let round = 0; round < pruneRoundsMax && this.#rows.prune(until) > 0; round += 1);
    for (const { name, waiting } of this.#circuits.values()) this.#count(name, -waiting);
    for (const { name, count } of this.#rows.waiting()) this.#count(name, count);
    for (const { name, underWay, wakeAt } of [...this.#circuits.values()]) {
      if (this.#circuits.size <= hostsMax) return;
      if (!isKept(name) && underWay.size === 0 && wakeAt === Number.POSITIVE_INFINITY) this.#circuits.delete(name);
    }
  }

  /** Ends what is under way; it is sent again after the next start. */
  async close(): Promise<void> {
    this.#stopping.abort();
    await Promise.all([...this.#underWay.alarms, ...this.#underWay.subscribers]);
  }

  #circuit(name: string): Circuit {
    const known = this.#circuits.get(name) ?? newCircuit(name);
    this.#circuits.set(name, known);
    return known;
  }

  /** Behind whatever transaction the caller is in. */
  #deliverSoon(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    setImmediate(() => {
      this.#isAsked = false;
      this.deliver();
    });
  }

  /** The next message of a way out, unless it is paused, full, or has none. After a failure one at a time tries its luck. */
  #dueOf(way: Circuit, now: number): Row | undefined {
    const { underWay, failuresInRow, pausedUntil } = way;
    if (way.wakeAt > now || underWay.size >= lanes[laneOf(way.name)].atOncePerWayMax) return undefined;
    const isPaused = pausedUntil > now || (failuresInRow > 0 && underWay.size > 0);
    const row = this.#rows.due(way, now, isPaused);
    if (row === undefined && !isPaused && underWay.size === 0) way.wakeAt = this.#rows.nextDue(way.name);
    return row;
  }

  #start(row: Row, way: Circuit): void {
    const { settings, clock, deadlineMs } = this.#parts;
    const busy = this.#underWay[laneOf(way.name)];
    const { signal } = this.#stopping;
    way.underWay.add(row.id);
    const work = carry(row, { settings, clock, deadlineMs, signal }).then((outcome) => {
      way.underWay.delete(row.id);
      busy.delete(work);
      // What was cut off by our own end says nothing about the other side.
      if (signal.aborted && outcome.kind !== 'taken') return;
      this.#settle(row, way, outcome);
      this.deliver();
    });
    busy.add(work);
  }

  #settle(row: Row, way: Circuit, outcome: Outcome): void {
    const { clock, random } = this.#parts;
    const now = clock.now();
    note(way, outcome, now, random);
    way.wakeAt = 0;
    const isLastTry = row.lane === 'subscribers' && row.tries + 1 >= subscriberTriesMax;
    if (outcome.kind === 'taken') this.#end(row, this.#rows.finish(row.id, 'sent', '', now));
    else if (outcome.isFinal || isLastTry) {
      if (!outcome.isAboutRecipient) way.lostInRow += 1;
      this.#end(row, this.#rows.finish(row.id, 'refused', outcome.words, now));
    } else this.#rows.tryAgain(row.id, outcome.words, now + tryPauseMs(row.tries + 1, row.isUrgent, random));
    this.#tell(row, way, outcome);
  }

  #giveUp(now: number): void {
    for (const row of this.#rows.overdue(now)) {
      const way = this.#circuit(row.circuit);
      if (way.underWay.has(row.id)) continue;
      this.#end(row, this.#rows.expire(row.id, now));
      way.lostInRow += 1;
      way.wakeAt = 0;
      this.#tell(row, way, 'expired');
    }
  }

  #end({ circuit }: Row, wasWaiting: boolean): void {
    if (wasWaiting) this.#count(circuit, -1);
  }

  #count(way: string, change: number): void {
    this.#circuit(way).waiting += change;
    this.#waiting[laneOf(way)] += change;
  }

  #tell(row: Row, way: Circuit, outcome: Outcome | 'expired'): void {
    if (isKept(way.name)) this.#rows.saveCircuit(way);
    for (const listener of this.#listeners) listener(row, outcome);
  }
}
