import { type Figure, renderFigure } from './figure.ts';
import { type Html, html } from './markup.ts';

/** The server's own view, aligned in time. */
export function renderServer(figures: readonly Figure[]): Html {
  const body =
    figures.length === 0
      ? html`<p>This result holds no telemetry.</p>`
      : html`<p>Ten samples a second from a thread of the server that is never blocked. A line that breaks is a gap: the event loop
        was blocked and could not tell anything. It is never a zero. One line for each run.</p>
        <div class="charts">${figures.map((figure) => renderFigure(figure))}</div>`;
  return html`<section aria-labelledby="server"><h2 id="server">Inside the server</h2>${body}</section>
  `;
}
