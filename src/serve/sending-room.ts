/**
 * Room for answers that are being sent. An answer that was made for one request stays in memory until its reader has taken it, and a
 * reader may take as long as he likes; so all of them together have a limit. One that several readers share counts once.
 */
import type { ServerResponse } from 'node:http';

/** The network's own buffers take a smaller answer at once, and most of what installs ask is smaller. */
const smallBytesMax = 64 * 1024;

export interface SendingRoom {
  /**
   * Counts an answer until its response is closed.
   * @param answer what is shared when it is sent to several
   * @returns false when there is no room for it; a single one always has room
   */
  hold(response: ServerResponse, answer: object, bytes: number): boolean;
}

export function sendingRoom(bytesMax: number): SendingRoom {
  const readers = new Map<object, number>();
  let heldBytes = 0;
  return {
    hold(response, answer, bytes) {
      // Nobody is there any more, and nothing would tell of the end.
      if (response.closed || bytes <= smallBytesMax) return true;
      const others = readers.get(answer) ?? 0;
      if (others === 0) {
        if (heldBytes > 0 && heldBytes + bytes > bytesMax) return false;
        heldBytes += bytes;
      }
      readers.set(answer, others + 1);
      response.once('close', () => {
        const left = (readers.get(answer) ?? 1) - 1;
        if (left > 0) return readers.set(answer, left);
        heldBytes -= bytes;
        return readers.delete(answer);
      });
      return true;
    },
  };
}
