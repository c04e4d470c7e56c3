/**
 * The one style sheet of all pages. Its name carries a digest of its text, so that it may be kept for ever. Colours are names for
 * states; every state has a shape and a word beside its colour, and forced colours leave shapes and depths as they are.
 */
import { createHash } from 'node:crypto';

const colours = `
:root { color-scheme: light dark; --paper: #fbfaf7; --raised: #f3f0e8; --ink: #1c2430; --soft: #566070; --rule: #ddd8cc; --accent: #0b6e5a;
  --operational: #0b6e5a; --degraded: #835500; --partial: #a8430c; --major: #a3172f; --maintenance: #2f5688; --unknown: #566070; --band: #3c9a85 }
@media (prefers-color-scheme: dark) {
  :root { --paper: #14181d; --raised: #1c222a; --ink: #e8e5de; --soft: #a5adb8; --rule: #323a44; --accent: #5fd0b5;
    --operational: #5fd0b5; --degraded: #e3b552; --partial: #f39a66; --major: #ff8592; --maintenance: #93b8ee; --unknown: #a5adb8; --band: #3f9884 }
}
.operational { color: var(--operational) } .degraded { color: var(--degraded) } .partial { color: var(--partial) }
.major { color: var(--major) } .maintenance { color: var(--maintenance) } .unknown { color: var(--unknown) }
`;

const ground = `
* { box-sizing: border-box }
bdi, [dir=auto] { overflow-wrap: anywhere }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100% }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.6 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; overflow-wrap: break-word }
.page { max-width: 58rem; margin: 0 auto; padding: 0 1.25rem }
h1, h2 { font-family: "Iowan Old Style", "Palatino Linotype", Palatino, "URW Palladio L", P052, Charter, Georgia, serif; font-weight: 600; line-height: 1.2; text-wrap: balance }
h1 { font-size: clamp(1.9rem, 1.3rem + 2.6vw, 3rem); margin: 0; letter-spacing: -.01em }
h2 { font-size: 1.4rem; margin: 0 0 1rem }
h3 { font-size: 1rem; margin: 0; line-height: 1.45 }
p, ul, ol, dl { margin: 0 0 .75rem }
a { color: var(--accent); text-underline-offset: .18em; text-decoration-thickness: 1px }
a:hover { text-decoration-thickness: 2px }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; border-radius: 2px }
.soft, figcaption, small { color: var(--soft) }
small, .small { font-size: .875rem }
section { margin: 3.5rem 0 }
section > h2 { padding-bottom: .6rem; border-bottom: 1px solid var(--rule) }
.f { fill: currentColor } .s, .c { fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round } .c { stroke: var(--paper) }
.g { width: 1.15em; height: 1.15em; flex: none; vertical-align: -.2em; overflow: visible }
.sheet { position: absolute }
.state { display: inline-flex; align-items: baseline; gap: .45em; font-weight: 600 }
.state .g { align-self: center }
`;

const frame = `
.top { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem 1.5rem; padding: 1.4rem 0; border-bottom: 1px solid var(--rule) }
.top .home { display: inline-flex; align-items: center; gap: .55rem; color: var(--ink); font-weight: 600; text-decoration: none; margin-right: auto }
.top .home .g { width: 1.6rem; height: 1.6rem; color: var(--accent) }
.top ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; margin: 0; padding: 0 }
.top li a { display: inline-block; padding: .3rem 0; color: var(--ink); text-decoration-color: transparent }
.top li a:hover { text-decoration-color: currentColor }
.top li a[aria-current] { text-decoration: underline 2px var(--accent); text-underline-offset: .4em }
footer { margin-top: 4rem; padding: 1.5rem 0 3rem; border-top: 1px solid var(--rule); color: var(--soft); font-size: .875rem }
footer p { max-width: 44rem }
.head { padding: 3rem 0 0 }
.head > p { max-width: 40rem }
.head h1 + p { margin-top: .75rem }
.statement { display: grid; grid-template-columns: auto 1fr; gap: 0 1.1rem; align-items: center; padding: clamp(2.5rem, 6vw, 4.5rem) 0 0 }
.statement .g { width: clamp(2.4rem, 1.8rem + 2.6vw, 3.4rem); height: auto; aspect-ratio: 1 }
.statement h1 { color: var(--ink) }
.statement > div { grid-column: 1 / -1; margin-top: 1.1rem; max-width: 42rem }
.phrase { color: var(--soft) }
.lead { font-size: 1.15rem; line-height: 1.5; color: var(--ink) }
`;

const parts = `
.incident { border-left: 4px solid; padding: .1rem 0 .1rem 1.25rem; margin: 0 0 2rem }
.incident > * { color: var(--ink) } .incident > .state { color: inherit } .incident h3 { font-size: 1.15rem; margin-bottom: .2rem }
.updates { list-style: none; padding: 0; margin: 1rem 0 0 }
.updates li { margin: 0 0 1.1rem } .updates li p { margin: .15rem 0 .4rem; max-width: 42rem }
.updates .step { font-weight: 600 } .changed { font-size: .875rem; color: var(--soft) }
.axis { display: flex; justify-content: space-between; margin: .35rem 6.25rem 0 14.5rem; font-size: .8125rem; color: var(--soft) }
.group { margin: 0 0 2.25rem } .group > ul, .components { list-style: none; margin: 0; padding: 0 }
.grouphead { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; margin-bottom: .35rem } .grouphead h3 { font-size: 1.0625rem }
.component { display: grid; grid-template-columns: minmax(0, 13rem) minmax(0, 1fr) 4.75rem; gap: .1rem 1.5rem; padding: .85rem 0; border-top: 1px solid var(--rule) }
.component .state, .grouphead .state { font-size: .875rem; font-weight: 500 } .component h3, .component h4 { font-size: 1rem; font-weight: 600; margin: 0; line-height: 1.45 }
.component h3 a, .component h4 a, .grouphead a { color: var(--ink); text-decoration-color: var(--rule) }
.component .share { text-align: right; font-variant-numeric: tabular-nums; line-height: 1.45 }
.component .why { grid-column: 1 / -1; margin: .35rem 0 0; font-size: .9375rem; color: var(--soft); max-width: 44rem }
.bars { display: block; width: 100%; height: 2.1rem; border-top: 1px solid var(--rule) }
.bars path { fill: none; stroke: currentColor; stroke-dasharray: 3 1 } .bars .operational { color: var(--band) }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1.25rem; list-style: none; margin: 1rem 0 0; padding: 0; font-size: .8125rem; color: var(--soft) }
.legend li { display: inline-flex; align-items: flex-start; gap: .45rem } .legend svg { width: .7rem; height: 1.35rem } .legend rect { fill: currentColor } .legend .operational { color: var(--band) }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 16rem), 1fr)); gap: 1.75rem 2rem; list-style: none; margin: 0; padding: 0 }
.chart { margin: .4rem 0 0 } .chart svg { display: block; width: 100%; height: 4rem } .large .chart svg { height: 10rem }
.chart path { fill: none; stroke-width: 1.6; vector-effect: non-scaling-stroke; stroke-linejoin: round; stroke-linecap: round } .chart .grid { stroke: var(--rule); stroke-width: 1 }
.chart .p50 { stroke: var(--accent); stroke-width: 2 } .chart .p95 { stroke: var(--soft); stroke-dasharray: 1 3.5 }
figcaption { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; font-size: .8125rem }
.log { list-style: none; margin: 0; padding: 0 } .log > li { display: grid; grid-template-columns: 8rem minmax(0, 1fr); gap: 0 1.5rem; padding: .7rem 0; border-top: 1px solid var(--rule) }
.log > li:first-child { border-top: 0 } .log h3 { font-weight: 500; color: var(--soft) } .log p { margin: 0 } .log .entry + .entry { margin-top: 1rem } .log .entry h4 { margin: 0; font-size: 1rem } .log .quiet { color: var(--soft) }
.scroll { overflow-x: auto; border: 1px solid var(--rule); border-radius: 6px }
code { overflow-wrap: anywhere } table { border-collapse: collapse; width: 100%; font-size: .9375rem } th, td { padding: .5rem .75rem; text-align: left; vertical-align: top; border-top: 1px solid var(--rule) }
tr > :first-child { padding-left: 0 } tr > :last-child { padding-right: 0 } .scroll tr > :first-child { padding-left: .75rem } .scroll tr > :last-child { padding-right: .75rem } th .small { font-weight: 400 } table + p { margin-top: 1.25rem } thead th { border-top: 0; color: var(--soft); font-weight: 500; vertical-align: bottom } tbody th { font-weight: 600 }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap } .scroll tbody th { min-width: 8rem }
caption { text-align: left; color: var(--soft); font-size: .875rem; padding: 0 0 .5rem } .scroll caption { padding: .5rem .75rem }
.budget { display: block; width: 100%; max-width: 12rem; height: .6rem; margin: .45rem 0 .2rem } .budget .all { fill: none; stroke: currentColor } .budget .left { fill: currentColor }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: 1rem 1.5rem; margin: 1.5rem 0 0 } .figures dt { color: var(--soft); font-size: .875rem } .figures dd { margin: 0; font-size: 1.25rem; font-variant-numeric: tabular-nums }
.formula { background: var(--raised); border-left: 4px solid var(--rule); padding: .9rem 1.1rem; font-size: .9375rem; max-width: 46rem }
.years { display: flex; flex-wrap: wrap; gap: .4rem 1rem; list-style: none; padding: 0 }
`;

const forms = `
form { max-width: 40rem } fieldset { border: 1px solid var(--rule); border-radius: 6px; padding: .75rem 1rem 1rem; margin: 0 0 1rem; min-width: 0 } legend { font-weight: 600; padding: 0 .35rem }
label { display: block; font-weight: 600; margin: 0 0 .25rem } .field { margin: 0 0 1.1rem } .hint { display: block; font-weight: 400; color: var(--soft); font-size: .875rem }
label .hint { display: inline; margin-left: .3rem } input, select, textarea, button { font: inherit; color: inherit } input:not([type=checkbox]), select, textarea { width: 100%; max-width: 100%; padding: .5rem .6rem; background: var(--paper); border: 1px solid var(--soft); border-radius: 5px }
textarea { min-height: 8rem; resize: vertical } .check { display: flex; gap: .55rem; align-items: baseline; font-weight: 400; margin: .2rem 0 } .check input { flex: none }
button { padding: .55rem 1.1rem; border-radius: 5px; border: 1px solid var(--accent); background: var(--accent); color: var(--paper); font-weight: 600; cursor: pointer } button:hover { filter: brightness(1.12) }
button.plain { background: transparent; color: var(--accent) } .refused { border-left: 4px solid var(--major); padding: .6rem 1rem; background: var(--raised); margin: 0 0 1.25rem } .done { border-left: 4px solid var(--operational); padding: .6rem 1rem; background: var(--raised); margin: 1.5rem 0 0 }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 14rem), 1fr)); gap: 0 1.25rem } .rows { list-style: none; padding: 0 } .rows > li { padding: .8rem 0 } .rows > li + li { border-top: 1px solid var(--rule) } .rows form, .inline { display: inline-block; margin: .4rem .5rem 0 0 }
details > summary { cursor: pointer; font-weight: 600; padding: .4rem 0 }
`;

const surroundings = `
@media (max-width: 42rem) {
  .component { grid-template-columns: minmax(0, 1fr) auto; row-gap: .5rem } .component .bars { grid-column: 1 / -1; grid-row: 2 } .component .share span { display: block; font-size: .8125rem; color: var(--soft) }
  .top ul { gap: .25rem .9rem; font-size: .9375rem } table { font-size: .875rem } th, td { padding: .45rem .5rem } .state { overflow-wrap: break-word } .further { display: none }
  .log > li { grid-template-columns: minmax(0, 1fr) } section { margin: 2.75rem 0 } .axis { margin: .35rem 0 0 }
}
@media (min-width: 42.01rem) { .component .share span { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) } }
@media (forced-colors: active) {
  .g, .bars, .bars path, .chart path, .budget, .legend svg { forced-color-adjust: none; color: CanvasText !important }
  button, button.plain { forced-color-adjust: none; background: ButtonFace; color: ButtonText; border-color: ButtonText } .chart .p50, .chart .p95 { stroke: CanvasText } .chart .grid { stroke: GrayText } .c { stroke: Canvas } .incident, .formula, .refused, .done { border-color: CanvasText }
}
@media print {
  :root { --paper: #fff; --raised: #fff; --ink: #000; --soft: #333; --rule: #999; --operational: #000; --degraded: #000; --partial: #000; --major: #000; --maintenance: #000; --unknown: #000; --band: #000; --accent: #000 }
  .top ul, form { display: none } section { margin: 1.5rem 0 } .component, .log > li, .incident, tr { break-inside: avoid } .page { max-width: none; padding: 0 } .bars, .bars path, .g { print-color-adjust: exact }
}
`;

/** The whole style sheet. */
export const styleSheet = `${colours}${ground}${frame}${parts}${forms}${surroundings}`.trim() + '\n';

/** `style.0123456789ab.css`: another name as soon as a letter differs. */
export const styleName = `style.${createHash('sha256').update(styleSheet).digest('hex').slice(0, 12)}.css`;
