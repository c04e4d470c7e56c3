/** The drill of this name, both ways: of the ledger's section on statistics and monitoring. */
import { statusUntrue } from '../../src/drills/status-untrue.ts';
import { testBothWays } from './both-ways.ts';

testBothWays(statusUntrue);
