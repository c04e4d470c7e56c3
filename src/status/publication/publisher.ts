/**
 * Keeps what is published: makes it anew at each change and every few seconds, and knows how old it is. What is too old is never
 * shown as the present: then everything is published once more, saying that nothing is known.
 */
import type { Clock } from '../../std/clock.ts';
import type { StatusView } from '../model.ts';
import { type Publication, pack } from './packed.ts';
import type { PublishedFile } from './published-file.ts';
import { publishedFiles } from './published-files.ts';

export interface Publisher {
  /** What is public at this moment; looks at its age and at nothing else. */
  current(): Publication;
  files(): readonly PublishedFile[];
  /** Whether the last look at everything was a moment ago. */
  isFresh(): boolean;
  view(): StatusView;
  /** What is published is still so. */
  confirm(): void;
  /** Publishes what is so now. */
  refresh(view: StatusView): void;
}

/** A service that did not look at its probes for so long knows nothing, in milliseconds. */
const behindMs = 30_000;

/** @param earlier of a service that ran until a moment ago: unchanged files are not compressed again */
export function createPublisher(first: StatusView, clock: Clock, earlier?: Publication): Publisher {
  let view = first;
  let publication = pack(publishedFiles(first), earlier);
  let madeAt = clock.monotonicMs();
  const isFresh = () => clock.monotonicMs() - madeAt <= behindMs;
  const put = (next: StatusView) => {
    view = next;
    publication = pack(publishedFiles(next), publication);
  };
  /** Before anybody is given anything, wherever it goes: answers, copies elsewhere, the management API. */
  const lookAtAge = () => {
    if (view.isKnown && !isFresh()) put({ ...view, isKnown: false });
  };
  return {
    current() {
      lookAtAge();
      return publication;
    },
    isFresh,
    files() {
      lookAtAge();
      return [...publication.values()].map(({ file }) => file);
    },
    view() {
      lookAtAge();
      return view;
    },
    confirm() {
      madeAt = clock.monotonicMs();
    },
    refresh(next) {
      put(next);
      madeAt = clock.monotonicMs();
    },
  };
}
