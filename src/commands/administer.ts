/** The commands that look after a gallery: tokens, feeds, packages, verify, rebuild. They work on the data folder, running or not. */
import { openGallery, waitingStore } from '../app.ts';
import type { Config } from '../config/load.ts';
import type { Gallery } from '../gallery.ts';
import { advisoryCommand } from './advisory.ts';
import { exitFailed, exitUsage } from './exit-codes.ts';
import { feedCommand } from './feed.ts';
import { packageCommand } from './package.ts';
import { rebuildCommand } from './rebuild.ts';
import { tokenCommand } from './token.ts';
import { verifyCommand } from './verify.ts';

type Command = (gallery: Gallery, args: readonly string[]) => Promise<number>;

const commands: Record<string, Command> = {
  token: tokenCommand,
  feed: feedCommand,
  advisory: advisoryCommand,
  package: packageCommand,
  verify: verifyCommand,
};

export async function administer(config: Config, command: string, args: readonly string[]): Promise<number> {
  const quiet = { ...config, logLevel: 'error' };
  try {
    if (command === 'rebuild') return await rebuildCommand(quiet, args);
    const gallery = await openGallery(quiet, 'command', { store: waitingStore });
    try {
      return (await commands[command]?.(gallery, args)) ?? exitUsage;
    } finally {
      await gallery.close();
    }
  } catch (error) {
    process.stderr.write(`holdfast: ${(error as Error).message}\n`);
    return (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') ? exitUsage : exitFailed;
  }
}
