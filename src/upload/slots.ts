/** How many uploads may be under way at once; one more is asked to come back. */
import { type Refusal, refuse } from '../std/refusals.ts';

export interface UploadSlots {
  /** @returns what gives the slot back, or `busy` */
  enter(): (() => void) | Refusal;
  /** Uploads that are under way now. */
  inUse(): number;
}

export function uploadSlots(atOnceMax: number): UploadSlots {
  let underWay = 0;
  return {
    inUse: () => underWay,
    enter() {
      if (underWay >= atOnceMax) return refuse('busy', 'Too many uploads at once; try again in a moment.');
      underWay += 1;
      return () => {
        underWay -= 1;
      };
    },
  };
}
