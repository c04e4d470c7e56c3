/**
 * Mends the end of a form: NuGet 2.8 under mono ends it with line feeds alone (`\n--boundary--\n`), which a reader of forms does not
 * take for an end. Only the last bytes of a body are held back and looked at; all others go through as they come.
 */
import { Transform } from 'node:stream';

const carriageReturn = 0x0d;

/**
 * @param contentType the header with the form's boundary
 * @returns a stream for the body to go through
 */
export function mendEnding(contentType: string): Transform {
  const [, quoted, plain] = /\bboundary=(?:"([^"]*)"|([^;\s]*))/i.exec(contentType) ?? [];
  const ending = Buffer.from(`\n--${quoted ?? plain ?? ''}--`, 'latin1');
  // One byte before it tells whether it is whole, and behind it may come the end of its line.
  const heldBytesMax = 1 + ending.length + 2;
  let held: Buffer = Buffer.alloc(0);
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (chunk.length >= heldBytesMax) {
        if (held.length > 0) this.push(held);
        held = Buffer.alloc(0);
      }
      const waiting = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      const end = Math.max(0, waiting.length - heldBytesMax);
      if (end > 0) this.push(waiting.subarray(0, end));
      held = waiting.subarray(end);
      done();
    },
    flush(done) {
      const start = held.lastIndexOf(ending);
      if (start > 0 && held[start - 1] !== carriageReturn) {
        this.push(Buffer.concat([held.subarray(0, start), Buffer.from('\r'), held.subarray(start)]));
      } else if (held.length > 0) this.push(held);
      done();
    },
  });
}
