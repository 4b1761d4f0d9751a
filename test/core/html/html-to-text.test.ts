import assert from "node:assert/strict";
import { test } from "node:test";
import { htmlToText } from "../../../src/core/html/html.ts";

const CASES: readonly { name: string; html: string; text: string }[] = [
  { name: "blocks on lines of their own", html: "<div>a</div><div>b</div><p>c<br>d</p>", text: "a\nb\nc\nd" },
  {
    name: "one blank for white space of any kind",
    html: "<p>a\r\n  b\t c&nbsp;&nbsp;d</p>",
    text: "a b c d",
  },
  {
    name: "no more than one empty line",
    html: "<p>a</p>\n\n<p>&nbsp;</p>\n<p>&nbsp;</p><p>b</p>",
    text: "a\n\nb",
  },
  {
    name: "entities",
    html: "&lt;b&gt; &amp;amp; &uuml;&Uuml; &#8364; &#x20AC; &unknown; &#0;&#1114112;",
    text: "<b> &amp; üÜ € € &unknown;",
  },
  {
    name: "no head, style, script or comment",
    html: "<head><title>t</title></head><style>p{}</style><!-- <p>x</p> --><script>1<2</script>a",
    text: "a",
  },
  { name: "a head without an end", html: "<html><head><meta x><body>a</body>", text: "a" },
  {
    name: "cells beside each other",
    html: "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>",
    text: "a b\nc",
  },
  {
    name: "the address of a link",
    html: '<a href="https://example.org/j?a=1&amp;b=2">Join</a> now',
    text: "Join <https://example.org/j?a=1&b=2> now",
  },
  {
    name: "the address of a link once",
    html: "<a href=https://example.org/>https://example.org/</a>",
    text: "https://example.org/",
  },
  {
    name: "no address but the web's",
    html: "<a href='javascript:alert(1)'>a</a><a href='mailto:x@example.org'>b</a>",
    text: "ab",
  },
  { name: "a sign that opens nothing", html: "1 < 2 <3", text: "1 < 2 <3" },
  { name: "what is left open", html: "a<b", text: "a" },
  { name: "a comment left open", html: "a<!-- b", text: "a" },
  { name: "declarations", html: "<!DOCTYPE html><?xml version='1.0'?>a", text: "a" },
];

for (const { name, html, text } of CASES) {
  test(`htmlToText reads ${name}`, () => assert.equal(htmlToText(html), text));
}

test("htmlToText takes linear time whatever is left open", () => {
  for (const piece of [
    "<",
    "<!--",
    "<style>",
    "<head>",
    "<a href=",
    "&nbsp;",
    "&#",
    " ",
    "\n",
    "<p",
    "<p>",
    "</",
    "<a href='https://a'>",
  ]) {
    const html = piece.repeat(1_000_000 / piece.length);
    const started = performance.now();
    htmlToText(html);
    assert.ok(performance.now() - started < 60_000, piece);
  }
});
