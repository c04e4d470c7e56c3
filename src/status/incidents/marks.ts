/** Marks in time, such as deploys: what timelines show beside what probes saw. So many are kept; the oldest go. */
import type { StatusDatabase } from '../database.ts';
import { marksMax } from './limits.ts';

export interface Mark {
  readonly at: number;
  readonly text: string;
  readonly author: string;
}

export interface Marks {
  add(mark: Mark): void;
  /** @returns those from the one time up to and with the other, the earliest first */
  between(from: number, until: number): readonly Mark[];
}

export function openMarks(db: StatusDatabase): Marks {
  const insert = db.prepare('insert into marks (at, text, author) values (?, ?, ?)');
  const trim = db.prepare('delete from marks where id <= (select max(id) from marks) - ?');
  const select = db.prepare('select at, text, author from marks where at between ? and ? order by at, id');
  return {
    add({ at, text, author }) {
      insert.run(at, text, author);
      trim.run(marksMax);
    },
    between: (from, until) =>
      select.all(from, until).map((row) => ({
        at: Number(row.at),
        text: String(row.text),
        author: String(row.author),
      })),
  };
}
