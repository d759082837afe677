"use strict";(self.rspackChunk_celltrail_labextension=self.rspackChunk_celltrail_labextension||[]).push([[232],{865(e,t,r){var l=r(403),a=r.n(l),i=r(644),o=r.n(i)()(a());o.push([e.id,`/*
 * The line and the panel of a run, in JupyterLab and in the widget of %trail.
 *
 * Colours come from JupyterLab's variables alone; the fallbacks after them serve other notebooks (VS Code, Colab), where
 * the text takes the colour that is there. Nothing has a background: shape and word carry the meaning.
 */

.jp-Celltrail {
  --ct-ink: var(--jp-ui-font-color1, currentcolor);
  --ct-soft: var(--jp-ui-font-color2, color-mix(in srgb, currentcolor 72%, transparent));
  --ct-rule: var(--jp-border-color1, color-mix(in srgb, currentcolor 30%, transparent));
  --ct-faint: var(--jp-border-color2, color-mix(in srgb, currentcolor 16%, transparent));
  --ct-link: var(--jp-content-link-color, currentcolor);
  --ct-focus: var(--jp-brand-color1, currentcolor);

  /* Mixed with the ink, so that each reads at 4.5:1 on the light and on the dark theme. */
  --ct-better: color-mix(in srgb, var(--jp-success-color1, green) 60%, var(--jp-ui-font-color0, currentcolor));
  --ct-worse: color-mix(in srgb, var(--jp-error-color1, red) 65%, var(--jp-ui-font-color0, currentcolor));
  --ct-warn: color-mix(in srgb, var(--jp-warn-color1, orange) 50%, var(--jp-ui-font-color0, currentcolor));
  --ct-series-0: var(--jp-brand-color1, currentcolor);
  --ct-series-1: var(--ct-warn);
  --ct-mono: var(--jp-code-font-family, ui-monospace, monospace);

  box-sizing: border-box;
  color: var(--ct-ink);
  font-family: var(--jp-ui-font-family, system-ui, sans-serif);
  font-size: var(--jp-ui-font-size1, 13px);
  font-variant-numeric: tabular-nums;
  line-height: 1.5;
}

.jp-Celltrail *,
.jp-Celltrail *::before {
  box-sizing: border-box;
}

/* Words */

.jp-Celltrail-reference {
  font-weight: 600;
  white-space: nowrap;
}

.jp-Celltrail-label,
.jp-Celltrail-standing,
.jp-Celltrail-kept {
  color: var(--ct-soft);
}

.jp-Celltrail-score {
  white-space: nowrap;
}

.jp-Celltrail-delta[data-tone='better'] .jp-Celltrail-deltaText {
  color: var(--ct-better);
  font-weight: 600;
}

.jp-Celltrail-delta[data-tone='worse'] .jp-Celltrail-deltaText {
  color: var(--ct-worse);
  font-weight: 600;
}

.jp-Celltrail-delta[data-tone='unsure'],
.jp-Celltrail-repeats {
  color: var(--ct-soft);
}

.jp-Celltrail-trouble {
  color: var(--ct-worse);
}

.jp-Celltrail-caution > b {
  color: var(--ct-warn);
}

.jp-Celltrail-key {
  font-family: var(--ct-mono);
  font-size: 0.92em;
  overflow-wrap: anywhere;
}

/* Buttons */

.jp-Celltrail button {
  appearance: none;
  background: none;
  border: 0;
  border-radius: 2px;
  color: inherit;
  cursor: pointer;
  font: inherit;
  margin: 0;
  padding: 0 4px;
  text-align: start;
}

.jp-Celltrail button:hover {
  text-decoration: underline;
}

.jp-Celltrail button:focus-visible {
  outline: 2px solid var(--ct-focus);
  outline-offset: 1px;
}

.jp-Celltrail button.jp-Celltrail-action {
  color: var(--ct-link);
}

.jp-Celltrail button.jp-Celltrail-opener {
  min-height: 24px;
  min-width: 24px;
  text-align: center;
  text-decoration: none;
}

/* The line */

.jp-Celltrail-line {
  align-items: baseline;
  column-gap: 20px;
  cursor: pointer;
  display: flex;
  flex-wrap: wrap;
}

.jp-Celltrail-line > * {
  min-width: 0;
  overflow-wrap: anywhere;
}

.jp-Celltrail-bars {
  align-self: center;
  flex: none;
}

.jp-Celltrail-bar {
  fill: var(--ct-soft);
  opacity: 0.6;
}

.jp-Celltrail-bar[data-this] {
  fill: var(--ct-ink);
  opacity: 1;
}

.jp-Celltrail-lineFits {
  flex-basis: 100%;
  padding-inline-start: 4.5em;
}

/* The panel */

.jp-Celltrail-panel {
  margin-block: 4px;
  border: 1px solid var(--ct-rule);
  border-radius: 3px;
  display: flex;
  flex-direction: column;
  gap: 6px;
  max-width: 840px;
  padding: 6px 12px 8px 8px;
}

.jp-Celltrail-panel > :not(.jp-Celltrail-head) {
  margin-inline-start: 28px;
}

.jp-Celltrail-head {
  align-items: baseline;
  column-gap: 4px;
  display: flex;
  flex-wrap: wrap;
}

.jp-Celltrail-head .jp-Celltrail-standing {
  margin-inline-start: auto;
}

.jp-Celltrail-star {
  color: var(--ct-ink);
}

.jp-Celltrail-top {
  align-items: flex-start;
  column-gap: 24px;
  display: flex;
  flex-wrap: wrap;
}

.jp-Celltrail-topText {
  flex: 1 1 280px;
  min-width: 0;
}

.jp-Celltrail-value {
  font-size: 1.6em;
  line-height: 1.3;
}

.jp-Celltrail-facts th {
  min-width: 5.5em;
}

/* The last cell takes what is left, so that a long row below does not pull what changed away from its name. */
.jp-Celltrail-facts td:nth-child(3) {
  width: 100%;
}

.jp-Celltrail .jp-Celltrail-facts tr > :not(:last-child) {
  white-space: nowrap;
}

.jp-Celltrail-cautions {
  align-items: baseline;
  column-gap: 16px;
  display: flex;
  flex-wrap: wrap;
}

.jp-Celltrail-cautions > .jp-Celltrail-action {
  margin-inline-start: auto;
}

.jp-Celltrail-detailOpeners,
.jp-Celltrail-actions {
  column-gap: 16px;
  display: flex;
  flex-wrap: wrap;
}

.jp-Celltrail-detailOpeners > button {
  margin-inline-start: -4px;
}

.jp-Celltrail-detailOpener::before {
  content: '▸ ';
}

.jp-Celltrail-detailOpener[aria-expanded='true']::before {
  content: '▾ ';
}

.jp-Celltrail-detailBody:not(:empty) {
  margin-block: 6px 2px;
}

.jp-Celltrail-actions {
  justify-content: flex-end;
}

.jp-Celltrail-scroll {
  overflow-x: auto;
}

/* Tables: JupyterLab gives tables in outputs stripes and a right margin of their own. */

.jp-Celltrail table.jp-Celltrail-table {
  border: 0;
  border-collapse: collapse;
  color: inherit;
  font-size: inherit;
  margin: 0;
  table-layout: auto;
}

.jp-Celltrail table.jp-Celltrail-table tr {
  background: none;
}

.jp-Celltrail table.jp-Celltrail-table :is(th, td) {
  border: 0;
  max-width: none;
  overflow-wrap: anywhere;
  padding: 1px 20px 1px 0;
  text-align: start;
  vertical-align: baseline;
  white-space: normal;
}

.jp-Celltrail table.jp-Celltrail-table th {
  color: var(--ct-soft);
  font-weight: normal;
}

.jp-Celltrail table.jp-Celltrail-table:not(.jp-Celltrail-facts) tbody th {
  color: inherit;
}

/* Charts */

.jp-Celltrail-chart {
  display: block;
  flex: none;
  max-width: 100%;
  overflow: visible;
}

.jp-Celltrail-chartGrid {
  stroke: var(--ct-faint);
}

.jp-Celltrail-chartTick {
  fill: var(--ct-soft);
  font-size: 11px;
}

.jp-Celltrail-chartLine {
  fill: none;
  stroke: var(--ct-series-0);
  stroke-linejoin: round;
  stroke-width: 1.5;
}

.jp-Celltrail-chartLine[data-series='1'] {
  stroke: var(--ct-series-1);
  stroke-dasharray: 5 3;
}

.jp-Celltrail-chartLine[data-series='2'] {
  stroke: var(--ct-ink);
  stroke-dasharray: 2 3;
}

.jp-Celltrail-chartLine[data-series='3'] {
  stroke: var(--ct-soft);
}

.jp-Celltrail-chartMark {
  fill: var(--ct-series-0);
}

.jp-Celltrail-chartMark[data-series='1'] {
  fill: var(--ct-series-1);
}

.jp-Celltrail-chartMark[data-series='2'] {
  fill: var(--ct-ink);
}

.jp-Celltrail-chartMark[data-series='3'] {
  fill: var(--ct-soft);
}

.jp-Celltrail-chartMark[data-mark='dot'] {
  fill: var(--ct-ink);
}

.jp-Celltrail figure {
  margin: 4px 0;
}

.jp-Celltrail figcaption {
  color: var(--ct-soft);
}

.jp-Celltrail-fit {
  display: flex;
  flex-wrap: wrap;
  gap: 0 16px;
}

.jp-Celltrail-fit > figure {
  flex-basis: 100%;
}
`,""]),r.d(t,{},{A:o})},644(e){e.exports=function(e){var t=[];return t.toString=function(){return this.map(function(t){var r="",l=void 0!==t[5];return t[4]&&(r+="@supports (".concat(t[4],") {")),t[2]&&(r+="@media ".concat(t[2]," {")),l&&(r+="@layer".concat(t[5].length>0?" ".concat(t[5]):""," {")),r+=e(t),l&&(r+="}"),t[2]&&(r+="}"),t[4]&&(r+="}"),r}).join("")},t.i=function(e,r,l,a,i){"string"==typeof e&&(e=[[null,e,void 0]]);var o={};if(l)for(var n=0;n<this.length;n++){var c=this[n][0];null!=c&&(o[c]=!0)}for(var s=0;s<e.length;s++){var p=[].concat(e[s]);l&&o[p[0]]||(void 0!==i&&(void 0===p[5]||(p[1]="@layer".concat(p[5].length>0?" ".concat(p[5]):""," {").concat(p[1],"}")),p[5]=i),r&&(p[2]&&(p[1]="@media ".concat(p[2]," {").concat(p[1],"}")),p[2]=r),a&&(p[4]?(p[1]="@supports (".concat(p[4],") {").concat(p[1],"}"),p[4]=a):p[4]="".concat(a)),t.push(p))}},t}},403(e){e.exports=function(e){return e[1]}},194(e){var t=[];function r(e){for(var r=-1,l=0;l<t.length;l++)if(t[l].identifier===e){r=l;break}return r}function l(e,l){for(var a={},i=[],o=0;o<e.length;o++){var n=e[o],c=l.base?n[0]+l.base:n[0],s=a[c]||0,p="".concat(c," ").concat(s);a[c]=s+1;var d=r(p),u={css:n[1],media:n[2],sourceMap:n[3],supports:n[4],layer:n[5]};if(-1!==d)t[d].references++,t[d].updater(u);else{var f=function(e,t){var r=t.domAPI(t);return r.update(e),function(t){t?(t.css!==e.css||t.media!==e.media||t.sourceMap!==e.sourceMap||t.supports!==e.supports||t.layer!==e.layer)&&r.update(e=t):r.remove()}}(u,l);l.byIndex=o,t.splice(o,0,{identifier:p,updater:f,references:1})}i.push(p)}return i}e.exports=function(e,a){var i=l(e=e||[],a=a||{});return function(e){e=e||[];for(var o=0;o<i.length;o++){var n=r(i[o]);t[n].references--}for(var c=l(e,a),s=0;s<i.length;s++){var p=r(i[s]);0===t[p].references&&(t[p].updater(),t.splice(p,1))}i=c}}},505(e){var t={};e.exports=function(e,r){var l=function(e){if(void 0===t[e]){var r=document.querySelector(e);if(window.HTMLIFrameElement&&r instanceof window.HTMLIFrameElement)try{r=r.contentDocument.head}catch(e){r=null}t[e]=r}return t[e]}(e);if(!l)throw Error("Couldn't find a style target. This probably means that the value for the 'insert' parameter is invalid.");l.appendChild(r)}},318(e){e.exports=function(e){var t=document.createElement("style");return e.setAttributes(t,e.attributes),e.insert(t,e.options),t}},450(e,t,r){e.exports=function(e){var t=r.nc;t&&e.setAttribute("nonce",t)}},531(e){e.exports=function(e){if("u"<typeof document)return{update:function(){},remove:function(){}};var t=e.insertStyleElement(e);return{update:function(r){var l,a,i;l="",r.supports&&(l+="@supports (".concat(r.supports,") {")),r.media&&(l+="@media ".concat(r.media," {")),(a=void 0!==r.layer)&&(l+="@layer".concat(r.layer.length>0?" ".concat(r.layer):""," {")),l+=r.css,a&&(l+="}"),r.media&&(l+="}"),r.supports&&(l+="}"),(i=r.sourceMap)&&"u">typeof btoa&&(l+="\n/*# sourceMappingURL=data:application/json;base64,".concat(btoa(unescape(encodeURIComponent(JSON.stringify(i))))," */")),e.styleTagTransform(l,t,e.options)},remove:function(){var e;null===(e=t).parentNode||e.parentNode.removeChild(e)}}}},435(e){e.exports=function(e,t){if(t.styleSheet)t.styleSheet.cssText=e;else{for(;t.firstChild;)t.removeChild(t.firstChild);t.appendChild(document.createTextNode(e))}}},579(e,t,r){var l=r(194),a=r.n(l),i=r(531),o=r.n(i),n=r(505),c=r.n(n),s=r(450),p=r.n(s),d=r(318),u=r.n(d),f=r(435),h=r.n(f),j=r(865),v={};v.styleTagTransform=h(),v.setAttributes=p(),v.insert=c().bind(null,"head"),v.domAPI=o(),v.insertStyleElement=u(),a()(j.A,v),j.A&&j.A.locals&&j.A.locals}}]);