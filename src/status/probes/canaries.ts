/**
 * The canaries of one ecosystem, as the status service remembers them over a restart. Bytes are kept, so that a later version of the program
 * pushes and compares the very same; a project takes so many versions, then the next one begins.
 */
import type { Clock } from '../../std/clock.ts';
import type { RandomBytes } from '../../std/random.ts';
import { type Canary, type CanaryIdentity, entry, moduleCanary, nupkgCanary, wheelCanary } from '../canary/canary.ts';
import type { ProbedEcosystem } from '../config/schema.ts';
import type { StatusDatabase } from '../database.ts';

export interface Canaries {
  /** The newest that the gallery has acknowledged. */
  latest(): Canary | undefined;
  /** Makes the next one, which counts as being pushed until something is noted of it, or it is given up. */
  next(): Canary;
  /** Its push has ended without an acknowledgement. */
  giveUp(canary: Canary): void;
  /** Notes what has become of a canary. */
  note(canary: Canary, state: 'listed' | 'unlisted' | 'deleted'): void;
  /** Listed ones that a newer one has replaced. */
  replaced(): readonly Canary[];
  /** Those whose push was never acknowledged, without those that are being pushed now. */
  cutOff(): readonly Canary[];
  /** One canary of each project beyond the newest so many; the oldest first. */
  surplus(projectsMax: number): readonly Canary[];
  /** Forgets a project that was deleted. */
  forget(project: string): void;
}

export const kindOf: Readonly<Record<ProbedEcosystem, Canary['kind']>> = {
  python: 'wheel',
  nuget: 'nupkg',
  powershell: 'module',
};

const description = 'A canary: the status service publishes and installs it to see that both work';

/** With a readme, so that registration leads to one. */
const make: Readonly<Record<Canary['kind'], (identity: CanaryIdentity) => Canary>> = {
  wheel: wheelCanary,
  nupkg: (identity) =>
    nupkgCanary({
      ...identity,
      more: '<readme>README.md</readme>',
      files: [entry('README.md', `# A canary\n\n${description}.\n`)],
    }),
  module: (identity) => moduleCanary(identity),
};

export interface CanaryParts {
  readonly db: StatusDatabase;
  readonly clock: Clock;
  readonly random: RandomBytes;
}

/** @param versionsMax versions of a project until the next one begins */
export function canariesOf(ecosystem: ProbedEcosystem, versionsMax: number, parts: CanaryParts): Canaries {
  const { db, clock, random } = parts;
  const kind = kindOf[ecosystem];
  const pushing = new Set<string>();
  const keyOf = ({ name, version }: Canary) => `${name} ${version}`;
  const select = (condition: string) =>
    db
      .prepare(`select * from canaries where ecosystem = ? and ${condition}`)
      .all(ecosystem)
      .map((row) => canaryIn(row as unknown as CanaryRow, kind));
  return {
    latest: () => select("state in ('listed', 'unlisted') order by id desc limit 1")[0],
    next() {
      const newest = db
        .prepare('select project as name, version, state from canaries where ecosystem = ? order by id desc limit 1')
        .get(ecosystem) as { name: string; version: string; state: string } | undefined;
      const count = newest === undefined ? versionsMax : Number(newest.version.split('.')[2]);
      // Of a project whose newest was deleted, the name may be held.
      const isFull = newest === undefined || newest.state === 'deleted' || count >= versionsMax;
      const name = isFull ? projectName(ecosystem, clock, random) : newest.name;
      const canary = make[kind]({ name, version: `1.0.${isFull ? 1 : count + 1}`, description });
      db.prepare(
        `insert into canaries (ecosystem, project, version, filename, sha256, bytes, state, made_at)
         values (?, ?, ?, ?, ?, ?, 'pushing', ?)`,
      ).run(ecosystem, name, canary.version, canary.filename, canary.sha256, canary.bytes, clock.now());
      pushing.add(keyOf(canary));
      return canary;
    },
    giveUp: (canary) => void pushing.delete(keyOf(canary)),
    note(canary, state) {
      pushing.delete(keyOf(canary));
      db.prepare('update canaries set state = ? where project = ? and version = ?').run(
        state,
        canary.name,
        canary.version,
      );
    },
    replaced: () =>
      select("state = 'listed' and id < (select max(id) from canaries where state = 'listed' and ecosystem = ?1)"),
    cutOff: () => select("state = 'pushing'").filter((canary) => !pushing.has(keyOf(canary))),
    surplus: (projectsMax) =>
      select(
        `id in (select max(id) from canaries where ecosystem = ?1 group by project order by max(id) desc limit -1 offset ${projectsMax})
         order by id`,
      ),
    forget(project) {
      db.prepare('delete from canaries where project = ?').run(project);
    },
  };
}

interface CanaryRow {
  readonly project: string;
  readonly version: string;
  readonly filename: string;
  readonly sha256: string;
  readonly bytes: Uint8Array;
}

function canaryIn({ project, version, filename, sha256, bytes }: CanaryRow, kind: Canary['kind']): Canary {
  return { kind, feed: 'main', name: project, version, filename, sha256, bytes: Buffer.from(bytes) };
}

/**
 * The last part is left to chance: the name of a deleted project is held for ever, also against a service that has lost its memory, and two services
 * may watch one gallery.
 */
function projectName(ecosystem: ProbedEcosystem, clock: Clock, random: RandomBytes): string {
  const day = new Date(clock.now()).toISOString().slice(0, 10).replaceAll('-', '');
  const number = Buffer.from(random(4)).readUInt32BE();
  return `holdfast-canary-${ecosystem}-${day}-${number}`;
}
