/** What the operator's pages work with, and what a page and an action of theirs is. */
import type { RandomBytes } from '../../std/random.ts';
import type { Refusal } from '../../std/refusals.ts';
import type { ManagedParts } from '../api/parts.ts';
import type { Markup } from '../page/markup.ts';

/** How a way to tell people fares. */
export interface ChannelHealth {
  readonly name: string;
  readonly lastSuccessAt: number | undefined;
  readonly lastFailureAt: number | undefined;
  readonly lastFailureWords: string;
  readonly failuresInRow: number;
  readonly waiting: number;
}

export interface OperatorParts extends Omit<ManagedParts, 'subscribers'> {
  readonly channels: () => readonly ChannelHealth[];
  readonly random: RandomBytes;
}

/** A form that was refused: it is shown again with what was typed, and with the sentence beside it. */
export interface Attempt {
  /** Name of the form within its page. */
  readonly form: string;
  readonly values: URLSearchParams;
  readonly sentence: string;
}

/** What a page is shown with. */
export interface Shown {
  /** What leads from its address to the root. */
  readonly root: string;
  readonly author: string;
  readonly formToken: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly attempt: Attempt | undefined;
}

export interface OperatorPage {
  /** Address below the root, such as `operator/incidents/:id`. */
  readonly url: string;
  readonly show: (parts: OperatorParts, shown: Shown) => { readonly title: string; readonly body: Markup } | Refusal;
}

export interface Sent {
  readonly author: string;
  readonly params: Readonly<Record<string, string>>;
  readonly values: URLSearchParams;
}

export interface OperatorAction {
  readonly url: string;
  /** Name of the form that is sent here. */
  readonly form: string;
  /** The page that has the form. */
  readonly page: OperatorPage;
  /** @returns where to go next, below the root */
  readonly perform: (parts: OperatorParts, sent: Sent) => string | Refusal;
}
