// Code is highlighted when the book is built: see scripts/src/highlight.rs. mdBook's script still
// calls highlight.js; here is as much of it as it needs.
window.hljs = { configure() {}, highlightBlock() {} };
