/** A drill's report: what was injected, what noticed it, what users saw, when it was over, what was lost, clause by clause. */
import type { ClauseResult, Detection, Drill, Recovery, Stage } from './drill.ts';

export interface DrillReport {
  readonly drill: string;
  readonly incident: string;
  readonly countermeasure: { readonly component: string; readonly switchedOff: string; readonly upholds: string };
  /** True when the countermeasure was switched off. */
  readonly isWithout: boolean;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly tookMs: number;
  readonly injected: readonly string[];
  readonly detected: readonly Detection[];
  readonly usersSaw: readonly string[];
  readonly recovered: readonly Recovery[];
  readonly lost: string;
  readonly clauses: readonly ClauseResult[];
  /** Why the drill ended early, if it did. */
  readonly failure: string | undefined;
  /** Whether every clause held. */
  readonly hasPassed: boolean;
  /** Passed with the countermeasure, or broke the clause that it upholds without it. */
  readonly isAsExpected: boolean;
  /** Folder of the report, for the person at the terminal. */
  readonly folder: string;
}

export interface Circumstances {
  readonly isWithout: boolean;
  readonly startedAt: string;
  readonly tookMs: number;
  readonly failure: string | undefined;
  readonly folder: string;
}

/** @param stage undefined when the gallery did not even start */
export function makeReport(drill: Drill, stage: Stage | undefined, circumstances: Circumstances): DrillReport {
  const notStarted = [...drill.clauses, ...drill.statusClauses].map((clause) => ({
    clause,
    held: false,
    seen: 'the gallery did not start',
  }));
  const clauses = stage?.results() ?? notStarted;
  const hasPassed = circumstances.failure === undefined && clauses.every(({ held }) => held);
  const { component, switchedOff, upholds } = drill.countermeasure;
  const countermeasure = { component, switchedOff, upholds };
  const isUpheld = clauses.find(({ clause }) => clause === countermeasure.upholds)?.held ?? false;
  return {
    drill: drill.name,
    incident: drill.incident,
    countermeasure,
    ...circumstances,
    injected: stage?.injected ?? [],
    detected: stage?.detected ?? [],
    usersSaw: stage?.usersSaw ?? [],
    recovered: stage?.recovered ?? [],
    lost: stage?.lost ?? 'nothing was there to lose',
    clauses,
    hasPassed,
    isAsExpected: circumstances.isWithout ? circumstances.failure === undefined && !isUpheld : hasPassed,
  };
}

/** The report for a terminal. */
export function describeReport(report: DrillReport): string {
  const lines = [
    `Drill ${report.drill}${report.isWithout ? `, without: ${report.countermeasure.component}` : ''}`,
    ...section('What happened', [report.incident]),
    ...section('Injected', report.injected),
    ...section('Detected', report.detected.map(describeDetection)),
    ...section('Users saw', report.usersSaw),
    ...section('Recovered', report.recovered.map(describeRecovery)),
    ...section('Lost', [report.lost]),
    '  Must hold',
    ...report.clauses.flatMap(({ clause, held, seen }) => [
      `    ${held ? 'held ' : 'BROKE'}  ${clause}`,
      `           ${seen}`,
    ]),
    '',
    verdictOf(report),
    `Report: ${report.folder}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** The report as a Markdown page. */
export function writeReportMarkdown(report: DrillReport): string {
  const list = (title: string, entries: readonly string[]) => [
    `## ${title}`,
    '',
    ...(entries.length === 0 ? ['Nothing.'] : entries.map((entry) => `- ${entry}`)),
    '',
  ];
  const rows = report.clauses.map(
    ({ clause, held, seen }) => `| ${clause} | ${held ? 'held' : '**broke**'} | ${seen} |`,
  );
  const lines = [
    `# Drill ${report.drill}`,
    '',
    report.incident,
    '',
    `${report.startedAt}, ${(report.tookMs / 1000).toFixed(1)} s. ${verdictOf(report)}`,
    '',
    ...list('Injected', report.injected),
    ...list('Detected', report.detected.map(describeDetection)),
    ...list('What users saw', report.usersSaw),
    ...list('Recovered', report.recovered.map(describeRecovery)),
    ...list('Lost', [report.lost]),
    '## Must hold',
    '',
    '| clause | | seen |',
    '| --- | --- | --- |',
    ...rows,
  ];
  return `${lines.join('\n')}\n`;
}

/** One sentence: whether it passed, and if not, which clauses broke. */
export function verdictOf(report: DrillReport): string {
  const broken = report.clauses.filter(({ held }) => !held).map(({ clause }) => `"${clause}"`);
  const { component, switchedOff, upholds } = report.countermeasure;
  const off = `Without ${component} (${switchedOff})`;
  if (report.failure !== undefined) return `FAILED: the drill ended early. ${report.failure}`;
  if (report.hasPassed && !report.isWithout) return 'PASSED: every clause held.';
  if (report.hasPassed) return `PASSED, which is a defect of the drill. ${off}, "${upholds}" should have broken.`;
  const broke = `${broken.length === 1 ? 'the clause' : 'the clauses'} ${broken.join(', ')}`;
  return report.isWithout ? `FAILED. ${off}, this broke: ${broke}.` : `FAILED: this broke: ${broke}.`;
}

export function describeDetection({ what, by, afterMs }: Detection): string {
  return `${what}: by ${by}, after ${afterMs} ms`;
}

export function describeRecovery({ what, afterMs }: Recovery): string {
  return `${what}, after ${afterMs} ms`;
}

function section(title: string, entries: readonly string[]): string[] {
  const shown = entries.length === 0 ? ['nothing'] : entries;
  return shown.map((entry, index) => `  ${(index === 0 ? title : '').padEnd(14)}${entry}`);
}
