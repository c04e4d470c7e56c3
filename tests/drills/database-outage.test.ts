/** The drill of this name, both ways: of the ledger's section on the database and migrations. */
import { databaseOutage } from '../../src/drills/database-outage.ts';
import { testBothWays } from './both-ways.ts';

testBothWays(databaseOutage);
