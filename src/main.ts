/** Role and command switch, nothing else. Each branch loads only what it needs, so that a read worker starts fast. */
import { existsSync } from 'node:fs';
import { enableCompileCache, flushCompileCache } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { exitCannotCreate, exitUsage } from './commands/exit-codes.ts';
import { type Config, describeSettings, exitBadConfiguration, loadConfig } from './config/load.ts';
import { systemClock } from './std/clock.ts';

const usage = `Usage: holdfast COMMAND

  serve                      run the whole gallery on this machine
  read | write | work        run one role (serve runs these)
  status                     run the status service (serve runs it too)
  config check               check the configurations, the status service's too, and show where they come from
  config docs                print all settings as a table
  token create|list|revoke   see holdfast token
  feed create|list           see holdfast feed
  import FOLDER              publish every package of a tree; see holdfast import
  advisory load|list|remove  see holdfast advisory
  incident VERB              tell of an outage on the status page: see holdfast incident
  maintenance VERB           announce a maintenance: see holdfast maintenance
  status VERB                alarms, silences, marks, imports: see holdfast status --help
  package list|show|VERB     yank, archive, quarantine, delete: see holdfast package
  verify                     compare catalogue, files and documents
  rebuild                    make the documents and search again
  rebuild --search           make search alone again
  rebuild --catalogue        make the catalogue again
  shapes                     check that answers have the shapes that others read
  drill NAME | list          break a gallery as a ledger's outage did, and see it hold
  run FILE                   run a script of the project on the pinned Node.js
`;

/** Commands that explain themselves. */
const ownHelp: ReadonlySet<string> = new Set([
  'run',
  'token',
  'feed',
  'advisory',
  'package',
  'incident',
  'maintenance',
  'status',
]);

/** How long a role has run when its compiled code is kept, in milliseconds: by then it has served, and is not in a hurry. */
const keepCompiledAfterMs = 1_000;

const program = fileURLToPath(import.meta.url);

async function main(command: string | undefined, args: readonly string[]): Promise<number | undefined> {
  if (args.includes('--help') && !ownHelp.has(command ?? '')) {
    process.stdout.write(usage);
    return 0;
  }
  switch (command) {
    case 'run':
      if (args[0] === undefined) return explain('run needs the path of a script');
      await import(pathToFileURL(resolve(args[0] ?? '')).href);
      return undefined;
    case 'serve':
    case 'read':
    case 'write':
    case 'work':
      return withConfig((config) => runRole(config, command, args));
    case 'status':
      // Alone it is a role; with a verb it is a client of the service that runs.
      if (args.length === 0) return withConfig((config) => runRole(config, command, args));
      return withConfig(async (config) => (await import('./commands/status.ts')).statusCommand(config, args));
    case 'incident':
      return withConfig(async (config) => (await import('./commands/incident.ts')).incidentCommand(config, args));
    case 'maintenance':
      return withConfig(async (config) => (await import('./commands/maintenance.ts')).maintenanceCommand(config, args));
    case 'config':
      return configure(args[0]);
    case 'token':
    case 'feed':
    case 'advisory':
    case 'package':
    case 'verify':
    case 'rebuild':
      return withConfig(async (config) => (await import('./commands/administer.ts')).administer(config, command, args));
    case 'import':
      return withConfig(async (config) => (await import('./commands/import.ts')).importCommand(config, args));
    case 'drill':
      return withConfig(async (config) => (await import('./drills/command.ts')).drill(config, program, args));
    case 'shapes':
      return withConfig(async (config) => (await import('./drills/shapes-command.ts')).shapes(config, program, args));
    case undefined:
    case 'help':
    case '--help':
      process.stdout.write(usage);
      return command === undefined ? exitUsage : 0;
    default:
      return explain(`there is no command "${command}"`);
  }
}

function explain(problem: string): number {
  process.stderr.write(`holdfast: ${problem}\n\n${usage}`);
  return exitUsage;
}

async function withConfig(run: (config: Config) => Promise<number | undefined>): Promise<number | undefined> {
  const config = loadConfig(process.env, process.cwd());
  if (!('problems' in config)) return run(config);
  for (const problem of config.problems) process.stderr.write(`holdfast: configuration: ${problem}\n`);
  return exitBadConfiguration;
}

async function configure(action: string | undefined): Promise<number | undefined> {
  if (action === 'docs') {
    const { describeStatusSettings } = await import('./status/config/describe.ts');
    process.stdout.write(`${describeSettings()}\n\n${describeStatusSettings()}\n`);
    return 0;
  }
  if (action !== 'check') {
    process.stderr.write(usage);
    return exitUsage;
  }
  return withConfig(async (config) => {
    const { loadStatusConfig } = await import('./status/config/load.ts');
    const status = loadStatusConfig(config);
    const problems = 'problems' in status ? status.problems : [];
    for (const problem of problems) process.stderr.write(`holdfast: configuration: ${problem}\n`);
    if (problems.length > 0) return exitBadConfiguration;
    process.stdout.write(`The configuration is good (from ${config.source}).\n`);
    if ('file' in status && status.file !== undefined)
      process.stdout.write(`So is that of the status service (${status.file}).\n`);
    return 0;
  });
}

async function runRole(config: Config, role: string, args: readonly string[]): Promise<number | undefined> {
  // Compiled code is kept, so that the next start need not strip types and compile again: not only at the end, where Node
  // does it by itself, because after a power cut everything ought to start fast as well (drill reboot-all).
  enableCompileCache(join(config.dataDir, 'cache', 'compiled'));
  void systemClock.sleep(keepCompiledAfterMs).then(() => flushCompileCache());
  if (role === 'serve') {
    const configFile = resolve(process.env.HOLDFAST_CONFIG ?? 'holdfast.config.json');
    const { serve } = await import('./commands/serve.ts');
    return serve(config, program, existsSync(configFile) ? configFile : undefined);
  }
  const { runInProcess } = await import('./roles/run.ts');
  return runInProcess(config, role, args);
}

/** What the system says when a folder is not ours to use; a person needs the sentence and not where in the code it came up. */
const folderTroubles = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'ENOTDIR', 'EEXIST']);

try {
  const code = await main(process.argv[2], process.argv.slice(3));
  if (code !== undefined) process.exit(code);
} catch (error) {
  if (!folderTroubles.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
  process.stderr.write(`holdfast: the data folder cannot be used: ${(error as Error).message}\n`);
  process.exit(exitCannotCreate);
}
