/**
 * Publishes canaries of one ecosystem and takes old ones back. A canary counts when the gallery has acknowledged it, and what was cut off before
 * that is deleted later. Pushes never wait for one another: a place that does not answer must not make another look slow.
 */
import { readFile } from 'node:fs/promises';
import { isSystemError } from '../../std/disk.ts';
import type { Canary } from '../canary/canary.ts';
import type { Customer } from '../canary/customer.ts';
import {
  deleteCanary,
  deleteCanaryProject,
  isAcknowledged,
  publishCanary,
  saysDeleted,
  saysThereAlready,
  showCanaryProject,
  unlistCanary,
} from '../canary/publish.ts';
import type { Answer } from '../canary/request.ts';
import { Finding, findingAbout, NotTried } from './attempt.ts';
import type { Canaries } from './canaries.ts';

export interface Publisher {
  readonly canaries: Canaries;
  /** Publishes the next canary; throws Finding with what the gallery said instead of taking it. */
  publishNext(stranger: Customer): Promise<Canary>;
  /** Pushes the newest canary again, which changes nothing; the first one when there is none, or when it was deleted behind our back. */
  pushAgain(stranger: Customer): Promise<void>;
  /** Takes all that a newer one has replaced out of the lists. @returns the newest of them */
  unlistReplaced(stranger: Customer): Promise<Canary | undefined>;
  /** Deletes what was cut off, and the oldest projects; sees that they are gone. */
  reclaim(stranger: Customer): Promise<void>;
}

/** @param tokenFile read at each use: it may come later, and may change */
export function publisherOf(canaries: Canaries, tokenFile: string, projectsMax: number): Publisher {
  const withToken = async (stranger: Customer): Promise<Customer> => ({
    ...stranger,
    token: await readToken(tokenFile),
  });
  const push = (customer: Customer, canary: Canary) =>
    asking('the push', customer, () => publishCanary(customer, canary));

  /** A name that somebody else has deleted is held: then the next project begins. */
  async function pushNew(customer: Customer, isRetry = false): Promise<Canary> {
    const canary = canaries.next();
    const answer = await push(customer, canary).finally(() => canaries.giveUp(canary));
    if (saysDeleted(answer) && !isRetry) {
      canaries.note(canary, 'deleted');
      return pushNew(customer, true);
    }
    if (!isAcknowledged(answer)) throw new Finding(`the push of a new version was answered ${spoken(answer)}`);
    canaries.note(canary, 'listed');
    return canary;
  }

  return {
    canaries,
    publishNext: async (stranger) => pushNew(await withToken(stranger)),
    async pushAgain(stranger) {
      const customer = await withToken(stranger);
      const canary = canaries.latest();
      if (canary === undefined) return void (await pushNew(customer));
      const answer = await push(customer, canary);
      if (saysThereAlready(answer)) return;
      if (!saysDeleted(answer)) throw new Finding(`the push was answered ${spoken(answer)}`);
      canaries.note(canary, 'deleted');
      await pushNew(customer);
    },
    async unlistReplaced(stranger) {
      const customer = await withToken(stranger);
      const replaced = canaries.replaced();
      for (const canary of replaced) {
        const answer = await asking('unlisting', customer, () => unlistCanary(customer, canary));
        const { status } = answer;
        if (status !== 200 && status !== 204 && status !== 404) {
          throw new Finding(`unlisting an older version was answered ${spoken(answer)}`);
        }
        canaries.note(canary, status === 404 ? 'deleted' : 'unlisted');
      }
      return replaced.at(0);
    },
    async reclaim(stranger) {
      const customer = await withToken(stranger);
      for (const canary of canaries.cutOff()) {
        refuseUnlessGone(
          await asking('deleting', customer, () => deleteCanary(customer, canary)),
          'a version that was cut off',
        );
        canaries.note(canary, 'deleted');
      }
      for (const canary of canaries.surplus(projectsMax)) {
        refuseUnlessGone(
          await asking('deleting', customer, () => deleteCanaryProject(customer, canary)),
          'an older canary',
        );
        const left = await asking('deleting', customer, () => showCanaryProject(customer, canary));
        if (left.status !== 404)
          throw new Finding(`an older canary was deleted, and is still told of: ${spoken(left)}`);
        canaries.forget(canary.name);
      }
    },
  };
}

async function readToken(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (isSystemError(error, 'ENOENT')) return '';
    throw new NotTried(`the token that publishes canaries cannot be read (${(error as NodeJS.ErrnoException).code})`);
  });
  const token = text.trim();
  if (token === '') throw new NotTried('the token that publishes canaries is not there yet');
  return token;
}

function asking(what: string, customer: Customer, ask: () => Promise<Answer>): Promise<Answer> {
  return ask().catch((error: unknown) => findingAbout(what, error, customer));
}

function refuseUnlessGone(answer: Answer, what: string): void {
  if (answer.status === 200 || answer.status === 404) return;
  throw new Finding(`deleting ${what} was answered ${spoken(answer)}`);
}

function spoken({ status, reason }: Answer): string {
  return `${status} ${reason}`.trim();
}
