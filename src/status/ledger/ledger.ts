/** The whole ledger, in the order of its sections. */
import { databaseAndDeploys } from './database-and-deploys.ts';
import { edgeAndSecrets } from './edge-and-secrets.ts';
import { mailAndAccounts } from './mail-and-accounts.ts';
import type { LedgerOutage } from './outage.ts';
import { storageAndOthers } from './storage-and-others.ts';

export const ledger: readonly LedgerOutage[] = [
  ...edgeAndSecrets,
  ...databaseAndDeploys,
  ...mailAndAccounts,
  ...storageAndOthers,
];
