/**
 * Every metric of `GET /metrics`, in one table: nothing that is not here is told, and docs/METRICS.md is made from it. Names follow
 * Prometheus: base units, `_total` for what only grows, `_ratio` from 0 to 1, `_timestamp_seconds` since 1970 or 0 for never.
 */

export interface MetricKind {
  readonly name: string;
  readonly type: 'gauge' | 'counter' | 'histogram';
  readonly labels: readonly string[];
  readonly means: string;
}

const gauge = (name: string, labels: readonly string[], means: string): MetricKind => ({
  name,
  type: 'gauge',
  labels,
  means,
});

export const metricTable: readonly MetricKind[] = [
  gauge('holdfast_key_used_ratio', ['key'], 'How much of the numbers that a key can have is used up.'),
  gauge('holdfast_serial', [], 'The newest serial. Every id of the catalogue is a serial.'),
  gauge('holdfast_founded_timestamp_seconds', [], 'When the gallery was founded.'),
  gauge('holdfast_disk_used_ratio', ['place'], 'How full the file system of the data folder is.'),
  gauge('holdfast_disk_free_bytes', ['place'], 'Room on it.'),
  gauge('holdfast_disk_inodes_used_ratio', ['place'], 'How many of its files are used up; 0 where it has no limit.'),
  gauge('holdfast_pool_in_use', ['role', 'pool'], 'What is taken of something that has a limit.'),
  gauge('holdfast_pool_max', ['role', 'pool'], 'That limit.'),
  gauge('holdfast_pool_used_ratio', ['role', 'pool'], 'The one by the other.'),
  gauge('holdfast_queue_jobs', ['lane'], 'Jobs that wait or run.'),
  gauge('holdfast_queue_oldest_age_seconds', ['lane'], 'Age of the oldest of them; 0 without one.'),
  gauge('holdfast_outstanding_events', [], 'Events whose record or documents are still to be written.'),
  gauge('holdfast_outstanding_oldest_age_seconds', [], 'Age of the oldest of them; 0 without one.'),
  gauge('holdfast_search_file_good', [], '1 when the search file can be asked and is whole, otherwise 0.'),
  gauge('holdfast_search_file_bytes', [], 'Size of the search file; 0 without one.'),
  gauge('holdfast_event_loop_delay_p99_seconds', ['role'], 'How late one in a hundred turns of the event loop was.'),
  gauge('holdfast_event_loop_utilization_ratio', ['role'], 'How much of its time the event loop was busy.'),
  gauge('holdfast_process_resident_memory_bytes', ['role'], 'Memory of the process.'),
  gauge('holdfast_process_start_timestamp_seconds', ['role'], 'When the process began.'),
  {
    name: 'holdfast_role_restarts_total',
    type: 'counter',
    labels: ['role'],
    means: 'How often `serve` has started the role again because it had ended.',
  },
  gauge('holdfast_cleaned_up_timestamp_seconds', [], 'When clean-up last went through.'),
  gauge('holdfast_verified_timestamp_seconds', [], 'When `verify`, reading all bytes, last found nothing amiss.'),
  gauge(
    'holdfast_restore_verified_timestamp_seconds',
    [],
    'When `verify` last found nothing amiss in a copy that was restored, and this gallery was told.',
  ),
  gauge('holdfast_metrics_files_stale', [], 'Processes that have told nothing for half a minute; they are left out.'),
  {
    name: 'http_server_request_duration_seconds',
    type: 'histogram',
    labels: ['role', 'http_route', 'http_response_status_code'],
    means: 'How long requests took at the read workers, by kind of answer (docs/ACCESS-LOG.md).',
  },
];

/** @returns the table of docs/METRICS.md */
export function describeMetrics(): string {
  const rows = metricTable.map(
    ({ name, type, labels, means }) =>
      `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${means} |`,
  );
  return ['| name | type | labels | is |', '| --- | --- | --- | --- |', ...rows].join('\n');
}
