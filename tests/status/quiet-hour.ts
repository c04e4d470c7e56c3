/**
 * An hour of normal work with rolling restarts, watched by a status service at its default intervals: nobody may be called, and no
 * incident may open. Not a part of `npm test`: `MINUTES=60 ./holdfast run tests/status/quiet-hour.ts`. Ends with exit code 1 on a false alarm.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Pager } from '../../src/drills/pager.ts';
import { freePort, RunningGallery } from '../../src/drills/running-gallery.ts';
import { RunningStatus } from '../../src/drills/running-status.ts';
import { startUsers } from '../../src/drills/users.ts';
import { projectFolder } from '../gallery.ts';

const minutes = Number(process.env.MINUTES ?? 60);
/** Each role is restarted in turn, as by a deploy; and again so much later. */
const restartEveryMs = 20_000;
const deployEveryMs = 10 * 60_000;
const usersPauseMs = 1_000;
const roles = ['read-1', 'write', 'read-2', 'work'];

const program = join(projectFolder, 'src', 'main.ts');
const folder = await mkdtemp(join(tmpdir(), 'holdfast-quiet-hour-'));
const gallery = new RunningGallery(program, join(folder, 'gallery'), await freePort(), {});
const pager = new Pager();
await pager.listen();
const status = new RunningStatus(
  { program, folder: join(folder, 'status'), port: await freePort(), pager },
  { url: gallery.url, tokenFile: gallery.folders.canaryToken },
);
let users: ReturnType<typeof startUsers> | undefined;
const incidents = new Set<string>();
const seen = new Map<string, number>();
try {
  gallery.start();
  await gallery.untilWriting(30_000);
  status.start();
  await status.untilWell(120_000);
  const customer = { url: gallery.url, token: gallery.token, deadlineMs: 10_000 };
  users = startUsers(customer, { everyMs: usersPauseMs, versionsMax: 500, projectsMax: 2 });
  const until = Date.now() + minutes * 60_000;
  for (let turn = 0; Date.now() < until; turn += 1) {
    const next = Date.now() + restartEveryMs;
    const role = roles[turn % (deployEveryMs / restartEveryMs)];
    if (role !== undefined) gallery.restart(role);
    while (Date.now() < Math.min(next, until)) {
      const summary = await status.summary();
      const words = summary?.status.description ?? 'no answer';
      seen.set(words, (seen.get(words) ?? 0) + 1);
      for (const { name } of summary?.incidents ?? []) incidents.add(name);
      await wait(1_000);
    }
    if (turn % 15 === 0)
      console.log(
        `${new Date().toISOString()} ${Math.round((turn * restartEveryMs) / 60_000)} minutes, ${pager.calls.length} calls, ${incidents.size} incidents`,
      );
  }
} finally {
  await users?.stop();
  await status.stop();
  await gallery.stop();
  await pager.close();
}
const failed = users?.outcomes.filter(({ isGood }) => !isGood) ?? [];
console.log(
  `${minutes} minutes, all roles restarted one by one every ${deployEveryMs / 60_000} minutes; the page said: ${[...seen].map(([words, count]) => `${words} (${count} s)`).join(', ')}`,
);
console.log(`users: ${users?.outcomes.length ?? 0} actions, ${failed.length} failed`);
for (const { title, text, severity } of pager.calls) console.log(`FALSE ALARM (${severity}): ${title}: ${text}`);
for (const name of incidents) console.log(`FALSE INCIDENT: ${name}`);
if (pager.calls.length + incidents.size === 0) console.log('Nobody was called, and no incident was opened.');
else console.log(status.output.slice(-5_000));
await rm(folder, { recursive: true, force: true });
process.exit(pager.calls.length + incidents.size === 0 ? 0 : 1);
