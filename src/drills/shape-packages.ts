/**
 * Packages that depend on one another, of every kind that the gallery takes: what an integration reads, and what shapes are compared
 * with. The same bytes each time, so that digests are part of the comparison.
 */
import { type Canary, moduleCanary, nupkgCanary, type RequiredModule, wheelCanary } from '../status/canary/canary.ts';

/** What somebody wants installed, and what must come with it. */
export interface Wanted {
  readonly kind: 'nuget' | 'powershell' | 'python';
  readonly name: string;
  readonly version: string;
  /** `NAME VERSION` of everything that is downloaded for it, sorted. */
  readonly closure: readonly string[];
}

export const wanted: readonly Wanted[] = [
  {
    kind: 'nuget',
    name: 'Shape.App',
    version: '2.0.0',
    closure: ['Shape.App 2.0.0', 'Shape.Base 1.0.0', 'Shape.Text 1.2.0'],
  },
  {
    kind: 'powershell',
    name: 'ShapeTools',
    version: '3.0.0',
    closure: ['ShapeCore 1.0.0', 'ShapeNet 2.1.0', 'ShapeTools 3.0.0'],
  },
  {
    kind: 'python',
    name: 'shape-app',
    version: '2.0.0',
    closure: ['shape-app 2.0.0', 'shape-base 1.1.0', 'shape-text 1.2.0'],
  },
];

/** @returns all of them, in the order in which they are published */
export function shapePackages(feed: string): Canary[] {
  const library = (name: string, version: string, groups = '') =>
    nupkgCanary({ name, version, feed, more: groups === '' ? '' : `<dependencies>${groups}</dependencies>` });
  const wheel = (name: string, version: string, ...requires: readonly string[]) => {
    const lines = ['Requires-Python: >=3.8', ...requires.map((one) => `Requires-Dist: ${one}`)];
    return wheelCanary({ name, version, feed, more: `${lines.join('\n')}\n` });
  };
  return [
    library('Shape.Base', '1.0.0'),
    library('Shape.Base', '1.1.0'),
    library('Shape.Base', '2.0.0'),
    library('Shape.Text', '1.2.0', group('netstandard2.0', ['Shape.Base', '1.0.0'])),
    library(
      'Shape.App',
      '2.0.0',
      group('net8.0', ['Shape.Base', '[1.0.0,2.0.0)'], ['Shape.Text', '1.2.0']) + group('net472'),
    ),
    psModule(feed, 'ShapeCore', '1.0.0'),
    psModule(feed, 'ShapeNet', '2.0.0'),
    psModule(feed, 'ShapeNet', '2.1.0'),
    psModule(
      feed,
      'ShapeTools',
      '3.0.0',
      ['ShapeCore', 'ModuleVersion', '1.0.0'],
      ['ShapeNet', 'RequiredVersion', '2.1.0'],
    ),
    wheel('shape-base', '1.0.0'),
    wheel('shape-base', '1.1.0'),
    wheel('shape-text', '1.2.0'),
    wheel('shape-app', '2.0.0', 'shape-base<2,>=1.0', 'shape-text>=1.2; python_version >= "3.8"'),
  ];
}

function group(framework: string, ...dependencies: readonly (readonly [string, string])[]): string {
  const inside = dependencies.map(([id, range]) => `<dependency id="${id}" version="${range}"/>`);
  return `<group targetFramework="${framework}">${inside.join('')}</group>`;
}

function psModule(feed: string, name: string, version: string, ...required: readonly RequiredModule[]): Canary {
  return moduleCanary({ name, version, feed }, required);
}
