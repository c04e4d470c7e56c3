/**
 * `./holdfast drill`: breaks a real, running gallery of its own in the way of a past outage, and tells what came of it. The
 * gallery of the person who runs the drill is never touched: only its data folder gets a report.
 */
import { parseArgs } from 'node:util';
import { endProgress, showProgress } from '../commands/print.ts';
import { foldersOf } from '../config/folders.ts';
import type { Config } from '../config/load.ts';
import { writeDocs } from './docs.ts';
import type { Drill } from './drill.ts';
import { drills } from './ledger.ts';
import { perform } from './perform.ts';
import { type DrillReport, describeReport } from './report.ts';

const exitFailed = 1;
/** The command line was not understood (sysexits.h). */
const exitUsage = 64;

const usage = `Usage: holdfast drill list
       holdfast drill NAME [--without-countermeasure]
       holdfast drill NAME | all --write-docs

  --without-countermeasure  switch off the part of the gallery that the drill puts to the test: the drill must then fail
  --write-docs              run it both ways and write its line of docs/DRILLS.md
`;

/**
 * @param config of the person's own gallery; reports go into its data folder
 * @param program path of main.ts
 * @returns 0 when every clause held (with --write-docs also: when it failed without the countermeasure), 1 when not, 64 when
 * the command line was not understood
 */
export async function drill(config: Config, program: string, args: readonly string[]): Promise<number> {
  const wanted = readArguments(args);
  if (wanted === undefined) {
    process.stderr.write(
      `holdfast: there is no such drill, or these options do not go together: ${args.join(' ')}\n\n${usage}`,
    );
    return exitUsage;
  }
  if (wanted.drills === 'list') {
    for (const { name, incident } of drills) process.stdout.write(`${name}\n  ${incident}\n`);
    return 0;
  }
  const folder = foldersOf(config.dataDir).drills;
  const run = async (one: Drill, isWithout: boolean) => {
    const report = await perform(one, {
      program,
      folder,
      isWithout,
      onProgress: (text) => showProgress(`${one.name}: ${text}`),
    });
    endProgress();
    process.stdout.write(describeReport(report));
    return report;
  };
  let isGood = true;
  for (const one of wanted.drills) {
    const reports: DrillReport[] = [await run(one, wanted.isWithout)];
    if (wanted.writesDocs) reports.push(await run(one, true));
    if (wanted.writesDocs) writeDocs(program, reports);
    isGood &&= wanted.writesDocs ? reports.every(({ isAsExpected }) => isAsExpected) : reports[0]?.hasPassed === true;
  }
  return isGood ? 0 : exitFailed;
}

interface Wanted {
  readonly drills: readonly Drill[] | 'list';
  readonly isWithout: boolean;
  readonly writesDocs: boolean;
}

function readArguments(args: readonly string[]): Wanted | undefined {
  const options = {
    'without-countermeasure': { type: 'boolean', default: false },
    'write-docs': { type: 'boolean', default: false },
  } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options });
    const [name] = positionals;
    const isWithout = values['without-countermeasure'];
    const writesDocs = values['write-docs'];
    if (positionals.length !== 1 || (isWithout && writesDocs)) return undefined;
    if (name === 'list') return { drills: 'list', isWithout, writesDocs };
    const found = drills.filter((one) => name === 'all' || one.name === name);
    return found.length === 0 ? undefined : { drills: found, isWithout, writesDocs };
  } catch {
    return undefined;
  }
}
