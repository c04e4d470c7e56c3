/** Some versions of packages as a feed's entries have them, and the fields that filters may name. */
import type { ReadValue, Value } from '../../src/odata/evaluate.ts';
import { feedFields } from '../../src/protocols/nuget-v2/fields.ts';

export const fields = feedFields;

const day = (text: string) => Date.parse(`${text}T00:00:00Z`);

function entry(values: Readonly<Record<string, Value>>): ReadValue {
  for (const name of Object.keys(values)) if (!fields.has(name)) throw new Error(`${name} is no field`);
  return (field) => values[field] ?? null;
}

const latest = { IsLatestVersion: true, IsAbsoluteLatestVersion: true, IsPrerelease: false };
const older = { IsLatestVersion: false, IsAbsoluteLatestVersion: false, IsPrerelease: false };

export const packages: ReadonlyMap<string, ReadValue> = new Map([
  [
    'Demo.Lib 1.9.0',
    entry({
      Id: 'Demo.Lib',
      Version: '1.9.0.0',
      NormalizedVersion: '1.9.0',
      Title: 'zeta',
      Description: 'Reads the spring feed',
      Tags: ' parser Json ',
      DownloadCount: 50,
      Created: day('2025-03-01'),
      Published: day('2025-03-01'),
      ...older,
    }),
  ],
  [
    'Demo.Lib 1.10.0',
    entry({
      Id: 'Demo.Lib',
      Version: '1.10',
      NormalizedVersion: '1.10.0',
      Title: 'zeta',
      Description: 'Reads the spring feed',
      Tags: ' parser Json ',
      DownloadCount: 50,
      Created: day('2026-03-01'),
      Published: day('2026-03-01'),
      IsLatestVersion: true,
      IsAbsoluteLatestVersion: false,
      IsPrerelease: false,
    }),
  ],
  [
    'Demo.Lib 2.0.0-beta',
    entry({
      Id: 'Demo.Lib',
      Version: '2.0.0-beta',
      NormalizedVersion: '2.0.0-beta',
      Description: 'Reads the spring feed',
      DownloadCount: 50,
      Created: day('2026-04-01'),
      Published: day('1900-01-01'),
      IsLatestVersion: false,
      IsAbsoluteLatestVersion: true,
      IsPrerelease: true,
    }),
  ],
  [
    'MyGet 1.0.0',
    entry({
      Id: 'MyGet',
      Version: '1.0.0',
      NormalizedVersion: '1.0.0',
      Title: 'Alpha',
      Description: "It's a module",
      Tags: ' PSModule PSCommand_Get-MyThing a ',
      DownloadCount: 700,
      Created: day('2026-01-01'),
      Published: day('2026-01-01'),
      ...latest,
    }),
  ],
  [
    'Do-It 3.0.0',
    entry({
      Id: 'Do-It',
      Version: '3.0.0',
      NormalizedVersion: '3.0.0',
      Tags: ' PSScript a ',
      DownloadCount: 7,
      Created: day('2024-01-01'),
      Published: day('2024-01-01'),
      ...latest,
    }),
  ],
]);
