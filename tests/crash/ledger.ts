/** What publishers asked for and what they were answered: the sweep's own memory, which no crash of the gallery touches. */
import type { PackageFile } from './package-files.ts';
import type { Outcome, Task } from './publisher.ts';

export class Ledger {
  /** Every file that was ever sent, by digest: only these may be visible. */
  readonly sent = new Map<string, PackageFile>();
  readonly published: PackageFile[] = [];
  readonly unlisted = new Set<PackageFile>();
  /** Asked for and not answered, oldest first: to be asked for again. */
  readonly unanswered: Task[] = [];
  readonly violations: string[] = [];
  /** Tasks that were asked for again and then answered. */
  repeats = 0;
  #roundBegan = 0;
  #unlistedThisRound: PackageFile[] = [];

  beginRound(): void {
    this.#roundBegan = this.published.length;
    this.#unlistedThisRound = [];
  }

  note(task: Task, outcome: Outcome, isRepeat: boolean): void {
    if (outcome === 'unanswered') this.unanswered.push(task);
    else if (outcome !== 'acknowledged')
      this.violations.push(`${isRepeat ? 'a repeat' : 'a task'} was refused: ${outcome.refused}`);
    else {
      if (isRepeat) this.repeats += 1;
      if (task.action === 'publish') this.published.push(task.file);
      else if (task.action === 'unlist') {
        this.unlisted.add(task.file);
        this.#unlistedThisRound.push(task.file);
      }
    }
  }

  /** Files of which something was acknowledged in this round. */
  ofThisRound(): PackageFile[] {
    return [...new Set([...this.published.slice(this.#roundBegan), ...this.#unlistedThisRound])];
  }

  beforeThisRound(): readonly PackageFile[] {
    return this.published.slice(0, this.#roundBegan);
  }
}
