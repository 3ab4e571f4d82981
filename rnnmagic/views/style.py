"""The look of the HTML report and of the panel: one style sheet, every rule under `.rnnmagic`.

Colours come from JupyterLab's theme, then VS Code's, and at last from what surrounds the report
(`inherit`, transparent greys), so that light, dark and nbconvert pages all read well. Meaning is in
words and signs; colour only repeats it. Rules repeat the root class to win over the tables and
preformatted text that JupyterLab styles in every output.
"""

from __future__ import annotations

CSS = """
.rnnmagic{--rm-text:var(--jp-content-font-color1,var(--vscode-editor-foreground,inherit));
--rm-muted:var(--jp-content-font-color2,var(--vscode-descriptionForeground,inherit));
--rm-line:var(--jp-border-color2,rgba(127,127,127,.35));
--rm-soft:var(--jp-layout-color2,rgba(127,127,127,.1));
--rm-bad:var(--jp-error-color1,#c62828);--rm-good:var(--jp-success-color1,#2e7d32);
--rm-warn:var(--jp-warn-color1,#b26a00);--rm-accent:var(--jp-brand-color1,#1976d2);
--rm-mono:var(--jp-code-font-family,Menlo,Consolas,"DejaVu Sans Mono",monospace);
color:var(--rm-text);font-family:var(--jp-content-font-family,system-ui,sans-serif);
font-size:var(--jp-content-font-size1,14px);line-height:1.5;max-width:860px;overflow-wrap:anywhere}
.rnnmagic.rnnmagic-report{border-left:3px solid var(--rm-line);padding:2px 0 2px 14px;margin:6px 0}
.rnnmagic.rnnmagic-problem{border-left-color:var(--rm-bad)}
.rnnmagic.rnnmagic-notice{border-left-color:var(--rm-warn)}
.rnnmagic.rnnmagic-calm{border-left-color:var(--rm-good)}
.rnnmagic.rnnmagic p{margin:0 0 .3em}
.rnnmagic.rnnmagic ul{margin:0;padding-left:1.4em}
.rnnmagic.rnnmagic ol{margin:0 0 .4em;padding-left:1.5em}
.rnnmagic.rnnmagic li{margin:0 0 .2em}
.rnnmagic .rnnmagic-eyebrow,.rnnmagic .rnnmagic-muted{color:var(--rm-muted);font-size:.9em}
.rnnmagic.rnnmagic p.rnnmagic-eyebrow{margin-bottom:.15em}
.rnnmagic.rnnmagic p.rnnmagic-headline{font-size:1.08em;font-weight:600;margin-bottom:.35em}
.rnnmagic.rnnmagic p.rnnmagic-section{font-weight:600;margin:.9em 0 .3em}
.rnnmagic.rnnmagic code{font-family:var(--rm-mono);font-size:.93em;background:none!important;color:inherit;
padding:0!important;
white-space:pre-wrap}
.rnnmagic.rnnmagic pre.rnnmagic-code{font-family:var(--rm-mono);font-size:.93em;line-height:1.45;margin:.35em 0;
padding:6px 10px;background:var(--rm-soft);color:inherit;border:0;border-radius:3px;white-space:pre;
overflow:auto;max-height:28em}
.rnnmagic pre.rnnmagic-source{user-select:all}
.rnnmagic .rnnmagic-changed{box-shadow:-4px 0 0 var(--rm-good);font-weight:600}
.rnnmagic .rnnmagic-difference del,.rnnmagic .rnnmagic-difference ins{text-decoration:none}
.rnnmagic .rnnmagic-difference del{color:var(--rm-bad)}
.rnnmagic .rnnmagic-difference ins{color:var(--rm-good);font-weight:600}
.rnnmagic.rnnmagic p.rnnmagic-status{margin:.35em 0 .1em}
.rnnmagic table.rnnmagic-grid{border-collapse:collapse;border:0;margin:.4em 0;font-size:1em;table-layout:auto;
width:auto;color:inherit}
.rnnmagic table.rnnmagic-grid tbody tr.rnnmagic-row,
.rnnmagic table.rnnmagic-grid tbody tr.rnnmagic-row:hover{background:none;border:0}
.rnnmagic table.rnnmagic-grid tr.rnnmagic-row>th,.rnnmagic table.rnnmagic-grid tr.rnnmagic-row>td{
border:0;padding:2px 16px 2px 0;text-align:left;vertical-align:baseline;font-weight:400;max-width:none;
white-space:normal;overflow-wrap:anywhere}
.rnnmagic table.rnnmagic-grid tr.rnnmagic-row>th{color:var(--rm-muted)}
.rnnmagic .rnnmagic-dim{display:inline-flex;flex-direction:column;align-items:center;padding:0 3px;
vertical-align:top;line-height:1.25}
.rnnmagic .rnnmagic-dim b{font-family:var(--rm-mono);font-weight:600}
.rnnmagic .rnnmagic-dim small{font-size:.78em;color:var(--rm-muted)}
.rnnmagic .rnnmagic-dim.rnnmagic-differs b{border-bottom:2px solid var(--rm-bad)}
.rnnmagic .rnnmagic-times{color:var(--rm-muted);padding:0 2px;vertical-align:top;line-height:1.25}
.rnnmagic .rnnmagic-ok{color:var(--rm-good)}
.rnnmagic .rnnmagic-fail{color:var(--rm-bad);font-weight:600}
.rnnmagic .rnnmagic-caution{border-left:2px solid var(--rm-warn);padding-left:8px}
.rnnmagic .rnnmagic-badge{display:inline-block;border:1px solid var(--rm-line);border-radius:9px;
padding:0 8px;margin-left:8px;font-size:.82em;font-weight:400;color:var(--rm-muted);white-space:nowrap}
.rnnmagic .rnnmagic-fix{border:1px solid var(--rm-line);border-radius:4px;padding:7px 12px;margin:0 0 8px}
.rnnmagic.rnnmagic p.rnnmagic-title{font-weight:600;margin-bottom:.2em}
.rnnmagic .rnnmagic-bar{display:inline-block;height:.72em;background:var(--rm-accent);
opacity:.75;border-radius:1px}
.rnnmagic .rnnmagic-bars{display:inline-block;width:12em;max-width:40vw}
.rnnmagic svg.rnnmagic-picture{display:block;max-width:100%;height:auto;margin:.3em 0;overflow:visible;
font-family:var(--jp-content-font-family,system-ui,sans-serif);font-size:11px}
.rnnmagic-picture .rnnmagic-caption,.rnnmagic-picture .rnnmagic-word{fill:currentColor;fill-opacity:.75}
.rnnmagic-picture .rnnmagic-number{fill:currentColor;font-family:var(--rm-mono);font-weight:600;font-size:12px}
.rnnmagic-picture .rnnmagic-number.rnnmagic-odd{fill:var(--rm-bad)}
.rnnmagic-picture .rnnmagic-face{fill:var(--rm-accent);fill-opacity:.2;stroke:currentColor;stroke-opacity:.55}
.rnnmagic-picture .rnnmagic-light{fill-opacity:.1}
.rnnmagic-picture .rnnmagic-dark{fill-opacity:.32}
.rnnmagic-picture .rnnmagic-edge{fill:none;stroke-width:2.5}
.rnnmagic-picture .rnnmagic-edge.rnnmagic-odd{stroke:var(--rm-bad)}
.rnnmagic-picture .rnnmagic-edge.rnnmagic-any{stroke:var(--jp-layout-color0,Canvas);stroke-dasharray:3 4}
.rnnmagic-picture .rnnmagic-frame{fill:none;stroke:currentColor;stroke-opacity:.35}
.rnnmagic-picture .rnnmagic-line{fill:none;stroke:var(--rm-accent);stroke-width:1.5;stroke-linejoin:round}
.rnnmagic-picture .rnnmagic-gap{fill:none;stroke:currentColor;stroke-opacity:.6;
vector-effect:non-scaling-stroke}
.rnnmagic-picture .rnnmagic-heat{fill:var(--rm-accent)}
.rnnmagic-picture .rnnmagic-heat0{fill-opacity:.04}
.rnnmagic-picture .rnnmagic-heat1{fill-opacity:.16}
.rnnmagic-picture .rnnmagic-heat2{fill-opacity:.29}
.rnnmagic-picture .rnnmagic-heat3{fill-opacity:.42}
.rnnmagic-picture .rnnmagic-heat4{fill-opacity:.56}
.rnnmagic-picture .rnnmagic-heat5{fill-opacity:.7}
.rnnmagic-picture .rnnmagic-heat6{fill-opacity:.85}
.rnnmagic-picture .rnnmagic-heat7{fill-opacity:1}
.rnnmagic details.rnnmagic-sample{margin:.2em 0 .3em}
.rnnmagic details.rnnmagic-sample>summary{cursor:pointer;color:var(--rm-muted);font-size:.9em}
"""

PANEL_CSS = """
.rnnmagic-panel{overflow:visible;max-width:880px;padding:0 0 4px 14px;margin:6px 0;
border-left:3px solid var(--jp-error-color1,#c62828)}
.rnnmagic-panel .widget-html,.rnnmagic-panel .jupyter-widget-html{height:auto;margin:0;width:auto}
.rnnmagic-panel .widget-html-content{line-height:1.5}
.rnnmagic-panel .rnnmagic-card{border:1px solid var(--jp-border-color2,rgba(127,127,127,.35));
border-radius:4px;padding:8px 12px;margin:0 0 8px;overflow:visible}
.rnnmagic-panel .rnnmagic-card.rnnmagic-applied{border-color:var(--jp-success-color1,#2e7d32)}
.rnnmagic-panel .rnnmagic-buttons{flex-flow:row wrap;align-items:center;overflow:visible;margin:2px 0 0 -2px}
.rnnmagic-panel .rnnmagic-buttons>*{flex:0 0 auto}
.rnnmagic-panel .rnnmagic-hint{margin:4px 0 2px}
.rnnmagic-panel .rnnmagic-control{margin-right:14px}
"""
