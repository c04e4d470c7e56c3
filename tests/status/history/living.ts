/** A process that measures and keeps for as long as it lives, and says after each `keep` how many results are kept. For crash.test.ts. */
import { openStatusDatabase } from '../../../src/status/database.ts';
import { openHistory } from '../../../src/status/history/open-history.ts';
import { schemaSteps } from '../../../src/status/schema-steps.ts';
import { minute, movedClock, result, second } from './opened.ts';

const [file = '', from = ''] = process.argv.slice(-2);
const clock = movedClock(Number(from));
const history = openHistory({ db: openStatusDatabase(file, schemaSteps), clock });
for (let count = 0; ; ) {
  // Many at once, in steps that roll up minutes and hours all the time.
  for (let at = 0; at < 20; at += 1) {
    history.add(result(clock.pass(3 * second), { verdict: count % 10 === 0 ? 'bad' : 'good' }));
    count += 1;
  }
  history.setStatus('install', clock.now() % (10 * minute) < minute ? 'major_outage' : 'operational', clock.now());
  history.keep(clock.now());
  process.stdout.write(`${count} ${clock.now()}\n`);
}
