/** `holdfast verify`: prints what is missing, wrong or surplus; exit code 1 when there is any. What is whole is noted. */
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { blobsFolder } from '../blobs/keys.ts';
import type { Gallery } from '../gallery.ts';
import { currentSerial } from '../render/catalog.ts';
import { isRefusal } from '../std/refusals.ts';
import { noteRestored, noteVerified } from '../upkeep/verified-note.ts';
import { type VerifyReport, verify } from '../upkeep/verify.ts';
import { threadedCrew } from './crew.ts';
import { exitFailed } from './exit-codes.ts';
import { endProgress, showProgress, withRate } from './print.ts';

const shownMax = 50;

export async function verifyCommand(gallery: Gallery, args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      'restored-copy': { type: 'string' },
    },
  });
  const copy = values['restored-copy'];
  if (copy !== undefined) return tellOfCopy(gallery, copy);
  const startedAt = gallery.clock.monotonicMs();
  const crew = threadedCrew(gallery.config, gallery.holder, availableParallelism());
  const options = { readsBlobs: !values.quick, onProgress: showProgress };
  const report = await verify(gallery, crew, options).finally(() => crew.close());
  endProgress();
  if (report.findings.length === 0 && !values.quick) {
    await noteVerified(gallery.folders, gallery.key, gallery.clock.now(), await currentSerial(gallery));
  }
  process.stdout.write(values.json ? `${JSON.stringify(report, null, 2)}\n` : describe(report, values.quick));
  const seconds = (gallery.clock.monotonicMs() - startedAt) / 1000;
  if (!values.json) process.stdout.write(`Compared in ${withRate(report.packages, seconds)}.\n`);
  return report.findings.length === 0 ? 0 : exitFailed;
}

/** @param path the copy's data folder, or the note in it */
async function tellOfCopy(gallery: Gallery, path: string): Promise<number> {
  const file = path.endsWith('.json') ? path : join(path, basename(gallery.folders.verified));
  const noted = await noteRestored(gallery.folders, gallery.key, await currentSerial(gallery), file);
  if (isRefusal(noted)) {
    process.stderr.write(`holdfast: ${noted.message}\n`);
    return exitFailed;
  }
  const at = new Date(noted.at).toISOString();
  process.stdout.write(`Noted: a restored copy, whole up to serial ${noted.serial}, was verified at ${at}.\n`);
  return 0;
}

function describe(report: VerifyReport, isQuick: boolean): string {
  const lines = [
    `${report.packages} packages, ${report.documents} documents, ${report.links} links, ${report.records} records, ` +
      `${report.blobs} blobs (${isQuick ? 'presence only' : 'digests read'})`,
  ];
  if (report.outstandingEvents > 0) lines.push(`${report.outstandingEvents} events are still being written`);
  if (report.searchBehind > 0) lines.push(`search is ${report.searchBehind} packages behind; their jobs wait`);
  for (const kind of ['missing', 'wrong', 'surplus'] as const) {
    const found = report.findings.filter((finding) => finding.kind === kind);
    lines.push(`${kind}: ${found.length}`);
    for (const finding of found.slice(0, shownMax)) lines.push(`  ${finding.key}  ${finding.about}`);
    if (found.length > shownMax) lines.push(`  … and ${found.length - shownMax} more (all with --json)`);
  }
  if (report.findingsOmitted > 0) lines.push(`${report.findingsOmitted} more findings are not listed`);
  lines.push(...advice(report));
  return `${lines.join('\n')}\n`;
}

/** What to do about it: what is derived can be made again, a blob only comes from a copy. */
function advice(report: VerifyReport): string[] {
  if (report.findings.length === 0) return ['The gallery is as it ought to be.'];
  const isBlob = (finding: { readonly key: string }) => finding.key.startsWith(`${blobsFolder}/`);
  const lost = report.findings.filter((finding) => isBlob(finding) && finding.kind !== 'surplus');
  const lines: string[] = [];
  if (report.findings.some((finding) => !isBlob(finding)))
    lines.push('Mend documents, links and records with: ./holdfast rebuild');
  if (lost.length > 0) lines.push('Blobs that are missing or wrong must come from a copy: docs/runbooks/restore.md');
  if (report.findings.some((finding) => isBlob(finding) && finding.kind === 'surplus'))
    lines.push('Surplus blobs are removed by the work role within the hour.');
  return lines;
}
