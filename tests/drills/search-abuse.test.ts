/** The drill of this name, both ways: of the ledger's section on accounts, abuse and safety. */
import { searchAbuse } from '../../src/drills/search-abuse.ts';
import { testBothWays } from './both-ways.ts';

testBothWays(searchAbuse);
