"""How the widgets look: quiet, dense, and the same in light and dark.

Whether the console keeps one widget's style sheet from reaching another is not documented, so every
rule begins with `.rh`. A widget's width is not the window's: what changes on a narrow one asks for
the widget's own width.
"""

from __future__ import annotations

LIGHT = (
    "--ink:#16202b;--dim:#5d6a79;--line:#e1e6ec;--soft:#f3f5f8;--track:#e6eaef;--link:#0a5fc4;"
    "--on-link:#fff;--good:#18794a;--warn:#8a5a00;--bad:#bd271e;--good-soft:#e3f4ea;"
    "--warn-soft:#fbf0d5;--bad-soft:#fce8e6;color-scheme:light"
)
DARK = (
    "--ink:#e4e8ee;--dim:#96a3b3;--line:#2b3643;--soft:#1c2530;--track:#2b3643;--link:#6fb1ff;"
    "--on-link:#0b1420;--good:#57c78c;--warn:#e3b04b;--bad:#ff8178;--good-soft:#143325;"
    "--warn-soft:#38290c;--bad-soft:#40201e;color-scheme:dark"
)

CSS = f"""
.rh{{{LIGHT};container-type:inline-size;color:var(--ink);
font:13px/1.45 "Amazon Ember","Helvetica Neue",system-ui,sans-serif;padding:2px 4px 6px;
overflow-wrap:break-word}}
.rh-dark{{{DARK}}}
@media (prefers-color-scheme:dark){{.rh-auto{{{DARK}}}}}
.rh *{{box-sizing:border-box}}
.rh .rh-head{{display:flex;flex-wrap:wrap;align-items:baseline;gap:2px 10px;margin:0 0 8px}}
.rh .rh-head b{{font-size:15px;font-weight:600}}
.rh .rh-dim,.rh small{{color:var(--dim);font-size:12px}}
.rh .rh-dot{{display:inline-block;width:9px;height:9px;margin-right:7px;fill:var(--dim)}}
.rh .rh-dot.rh-good{{fill:var(--good)}}.rh .rh-dot.rh-warn{{fill:var(--warn)}}
.rh .rh-dot.rh-bad{{fill:var(--bad)}}
.rh h3{{font-size:13px;font-weight:600;margin:14px 0 4px}}
.rh p{{margin:4px 0}}
.rh table{{border-collapse:collapse;width:100%;margin:0 0 8px}}
.rh th{{color:var(--dim);font-size:12px;font-weight:500;text-align:left;padding:3px 10px 3px 0;
border-bottom:1px solid var(--line);white-space:nowrap;vertical-align:bottom}}
.rh td{{padding:4px 10px 4px 0;border-bottom:1px solid var(--line);text-align:left;
vertical-align:baseline}}
.rh tr:last-child td{{border-bottom:0}}.rh td:first-child{{min-width:132px}}
.rh tbody tr:hover td{{background:var(--soft)}}
.rh .rh-num{{text-align:right;font-variant-numeric:tabular-nums}}
.rh td.rh-num,.rh td.rh-keep{{white-space:nowrap}}
.rh td.rh-do{{text-align:right;white-space:nowrap;padding-right:0}}
.rh cwdb-action{{display:none}}
.rh .rh-id,.rh dd,.rh code,.rh .rh-box,.rh li{{overflow-wrap:anywhere}}
.rh .rh-id{{font-family:ui-monospace,Menlo,Consolas,monospace;font-size:12px}}
.rh td .rh-sub{{display:block}}
.rh time{{font-variant-numeric:tabular-nums;white-space:nowrap;text-decoration:none}}
.rh .rh-pill{{display:inline-block;border-radius:9px;padding:0 8px;font-size:12px;line-height:18px;
background:var(--soft);color:var(--dim);white-space:nowrap}}
.rh .rh-pill.rh-good{{background:var(--good-soft);color:var(--good)}}
.rh .rh-pill.rh-warn{{background:var(--warn-soft);color:var(--warn)}}
.rh .rh-pill.rh-bad{{background:var(--bad-soft);color:var(--bad)}}
.rh .rh-bar{{display:block;width:100%;min-width:60px;max-width:140px;height:6px;margin-top:6px}}
.rh .rh-bar .rh-track{{fill:var(--track)}}.rh .rh-bar .rh-fill{{fill:var(--link)}}
.rh .rh-bar .rh-good{{fill:var(--good)}}.rh .rh-bar .rh-warn{{fill:var(--warn)}}
.rh .rh-bar .rh-bad{{fill:var(--bad)}}
.rh .rh-btn{{font:inherit;font-size:12px;font-weight:500;line-height:18px;padding:2px 10px;
border:1px solid var(--line);border-radius:6px;background:transparent;color:var(--link);
cursor:pointer;white-space:nowrap}}
.rh .rh-btn:hover{{background:var(--soft);border-color:var(--link)}}
.rh .rh-btn.rh-main{{background:var(--link);border-color:var(--link);color:var(--on-link)}}
.rh .rh-btn.rh-bad{{color:var(--bad)}}.rh .rh-btn.rh-bad:hover{{border-color:var(--bad)}}
.rh .rh-btn.rh-plain{{border-color:transparent;padding:2px 4px}}
.rh :focus-visible{{outline:2px solid var(--link);outline-offset:2px;border-radius:6px}}
.rh .rh-row{{display:flex;flex-wrap:wrap;gap:6px 8px;align-items:center;margin:6px 0}}
.rh form{{margin:0 0 10px}}.rh label{{color:var(--dim);font-size:12px}}
.rh input,.rh textarea,.rh select{{font:inherit;color:var(--ink);background:transparent;
border:1px solid var(--line);border-radius:6px;padding:4px 8px;min-width:0}}
.rh input:focus,.rh textarea:focus,.rh select:focus{{border-color:var(--link)}}
.rh select option{{color:#16202b;background:#fff}}
.rh .rh-wide{{flex:1 1 220px}}.rh textarea{{display:block;width:100%;margin-top:3px}}
.rh .rh-box{{border:1px solid var(--line);border-left:3px solid var(--dim);border-radius:6px;
background:var(--soft);padding:7px 11px;margin:4px 0 10px}}
.rh .rh-box.rh-good{{border-left-color:var(--good)}}.rh .rh-box.rh-warn{{
border-left-color:var(--warn)}}.rh .rh-box.rh-bad{{border-left-color:var(--bad)}}
.rh .rh-box b{{font-weight:600}}
.rh dl{{display:grid;grid-template-columns:max-content 1fr;gap:3px 14px;margin:4px 0 10px}}
.rh dt{{color:var(--dim)}}.rh dd{{margin:0}}
.rh code{{font-family:ui-monospace,Menlo,Consolas,monospace;font-size:12px;background:var(--soft);
border-radius:4px;padding:1px 5px}}
.rh ol,.rh ul{{list-style:none;margin:0 0 8px;padding:0}}.rh .rh-story ul{{margin:1px 0}}
.rh .rh-steps li{{display:grid;grid-template-columns:84px 1fr;gap:8px;padding:3px 0}}
.rh .rh-steps .rh-pill{{justify-self:start;align-self:start}}
.rh .rh-story>li{{position:relative;padding:0 0 12px 22px;margin-left:5px;
border-left:2px solid var(--line)}}
.rh .rh-story>li:last-child{{border-left-color:transparent;padding-bottom:2px}}
.rh .rh-story .rh-mark{{position:absolute;left:-7px;top:3px;width:12px;height:12px;
fill:var(--dim);stroke:var(--soft);stroke-width:2}}
.rh .rh-story .rh-good{{fill:var(--good)}}.rh .rh-story .rh-warn{{fill:var(--warn)}}
.rh .rh-story .rh-bad{{fill:var(--bad)}}.rh .rh-story .rh-hand{{fill:var(--link)}}
.rh .rh-tiles{{display:grid;grid-template-columns:repeat(auto-fill,minmax(124px,1fr));gap:8px}}
.rh .rh-tiles li{{border:1px solid var(--line);border-radius:8px;padding:7px 11px}}
.rh .rh-tiles b{{display:block;font-size:20px;font-weight:600;font-variant-numeric:tabular-nums}}
.rh .rh-tiles .rh-good b{{color:var(--good)}}.rh .rh-tiles .rh-warn b{{color:var(--warn)}}
.rh .rh-tiles .rh-bad b{{color:var(--bad)}}
.rh summary{{cursor:pointer;color:var(--link)}}
@container (max-width:540px){{
.rh thead{{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}}
.rh table,.rh tbody,.rh tr,.rh td{{display:block}}
.rh tr{{border-bottom:1px solid var(--line);padding:5px 0}}.rh tr:last-child{{border-bottom:0}}
.rh td,.rh td.rh-num,.rh td.rh-do{{display:flex;gap:10px;border:0;padding:1px 0;text-align:left;
white-space:normal}}
.rh td[data-label]::before{{content:attr(data-label);flex:0 0 96px;color:var(--dim);
font-size:12px}}
.rh td:empty{{display:none}}.rh td>*{{min-width:0}}.rh td .rh-dim{{overflow-wrap:anywhere}}
.rh .rh-bar{{max-width:none}}
.rh dl{{grid-template-columns:1fr}}.rh dd{{margin-bottom:4px}}
}}
"""
