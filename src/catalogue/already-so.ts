/** What somebody asked for is so already. It gets no event of its own, and is no refusal to whoever asked. */
import type { Int64 } from '../std/int64.ts';
import { Refusal } from '../std/refusals.ts';

/**
 * Ends an append without an event. An earlier try may have died before its documents were written, so the package is completed up to
 * the serial before the answer.
 */
export class AlreadySo extends Refusal {
  readonly packageId: Int64;
  readonly serial: Int64;

  constructor(packageId: Int64, serial: Int64) {
    super('file-exists', 'It is so already.');
    this.packageId = packageId;
    this.serial = serial;
  }
}
