/** How uptime is reckoned, printed wherever it is shown. */

export const uptimeFormula =
  'Uptime = (time operational + time degraded + 70% of the time of partial outages) ÷ (all measured time without maintenance). Time under maintenance and time without measurements count on neither side.';
