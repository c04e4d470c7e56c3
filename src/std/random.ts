/** Randomness, as something that is passed in: tests replace it to replay a run. */
import { randomBytes } from 'node:crypto';

export type RandomBytes = (count: number) => Uint8Array;

export const systemRandom: RandomBytes = (count) => randomBytes(count);
