/** The drill of this name, both ways: of the ledger's section on deploys and start-up. */
import { rebootAll } from '../../src/drills/reboot-all.ts';
import { testBothWays } from './both-ways.ts';

testBothWays(rebootAll);
