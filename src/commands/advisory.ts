/** `holdfast advisory load|list|remove`. */
import { listAdvisories } from '../advisories/list.ts';
import { announceAdvisories, batchMax, loadAdvisories, type Outcome, removeAdvisory } from '../advisories/load.ts';
import type { Advisory } from '../advisories/osv.ts';
import type { Gallery } from '../gallery.ts';
import { isRefusal, type Refusal } from '../std/refusals.ts';
import { findAdvisories } from './advisory-files.ts';
import { exitFailed, exitUsage } from './exit-codes.ts';
import { endProgress, printTable, showProgress } from './print.ts';

const usage = `Usage: holdfast advisory load FILE|FOLDER|ZIP…
       holdfast advisory list
       holdfast advisory remove ID

Files are in the format of OSV, one advisory each; a zip archive is one that a database exports for an ecosystem.
`;

const actor = { system: 'command line' };
const refusalsShownMax = 50;
const packagesShownMax = 5;

export async function advisoryCommand(gallery: Gallery, args: readonly string[]): Promise<number> {
  const [action, ...rest] = args;
  if (action === 'load' && rest.length > 0) return load(gallery, rest);
  if (action === 'list' && rest.length === 0) return list(gallery);
  if (action === 'remove' && rest.length === 1) return remove(gallery, rest[0] ?? '');
  process.stderr.write(usage);
  return exitUsage;
}

class Summary {
  readonly outcomes = new Map<Outcome, number>();
  readonly refusals: { readonly name: string; readonly refusal: Refusal }[] = [];
  read = 0;
  refused = 0;
  /** Written again; one that several batches are about counts each time. */
  packages = 0;
  owed = 0;
  assumed = 0;

  count(outcome: Outcome): void {
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
  }

  refuse(name: string, refusal: Refusal): void {
    this.refused += 1;
    if (this.refusals.length < refusalsShownMax) this.refusals.push({ name, refusal });
  }

  of(outcome: Outcome): number {
    return this.outcomes.get(outcome) ?? 0;
  }
}

async function load(gallery: Gallery, paths: readonly string[]): Promise<number> {
  const summary = new Summary();
  let batch: Advisory[] = [];
  const loadBatch = async () => {
    if (batch.length === 0) return;
    const { outcomes, packages, owed } = await loadAdvisories(gallery, actor, batch);
    batch = [];
    for (const outcome of outcomes) summary.count(outcome);
    summary.packages += packages;
    summary.owed += owed;
    showProgress(`advisories ${summary.read}`);
  };
  for (const path of paths) {
    for await (const { name, advisory } of findAdvisories(path)) {
      summary.read += 1;
      if (isRefusal(advisory)) {
        summary.refuse(name, advisory);
        continue;
      }
      if (!advisory.isSeverityKnown) summary.assumed += 1;
      batch.push(advisory);
      if (batch.length >= batchMax) await loadBatch();
    }
  }
  await loadBatch();
  await announceAdvisories(gallery);
  endProgress();
  for (const { name, refusal } of summary.refusals) process.stderr.write(`holdfast: ${name}: ${refusal.message}\n`);
  process.stdout.write(describe(summary));
  return summary.refused === 0 ? 0 : exitFailed;
}

function describe(summary: Summary): string {
  const lines = [
    `${summary.read} advisories read: ${summary.of('new')} new, ${summary.of('changed')} changed, ` +
      `${summary.of('withdrawn')} withdrawn, ${summary.of('unchanged')} here already, ` +
      `${summary.of('elsewhere')} about other ecosystems, ${summary.refused} refused.`,
    `${summary.packages} packages rendered again.`,
  ];
  if (summary.assumed > 0) lines.push(`${summary.assumed} tell no severity that is understood, and count as moderate.`);
  if (summary.owed > 0) lines.push(`${summary.owed} packages could not be rendered now; the work role completes them.`);
  const unshown = summary.refused - summary.refusals.length;
  if (unshown > 0) lines.push(`${unshown} more refusals are not shown.`);
  return `${lines.join('\n')}\n`;
}

async function list(gallery: Gallery): Promise<number> {
  const rows = (await listAdvisories(gallery)).map(({ id, severity, packages, summary, url }) => {
    const names = packages.slice(0, packagesShownMax).map(({ ecosystem, name }) => `${ecosystem}/${name}`);
    const more = packages.length > packagesShownMax ? [`and ${packages.length - packagesShownMax} more`] : [];
    return [id, severity, [...names, ...more].join(' '), url, summary.replaceAll(/\s+/g, ' ')];
  });
  printTable(['id', 'severity', 'packages', 'address', 'summary'], rows);
  return 0;
}

async function remove(gallery: Gallery, id: string): Promise<number> {
  const refusal = await removeAdvisory(gallery, actor, id);
  process.stderr.write(refusal ? `holdfast: ${refusal.message}\n` : `The advisory ${id} is removed.\n`);
  return refusal ? exitFailed : 0;
}
