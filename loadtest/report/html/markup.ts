/** A piece of finished HTML. */
export interface Html {
  readonly markup: string;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text for any place in HTML: element content and quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** HTML from a template. Whatever is put in is escaped, unless it is HTML already. */
export function html(
  template: TemplateStringsArray,
  ...values: readonly (string | number | Html | readonly Html[])[]
): Html {
  const parts = values.map(
    (value, index) => `${toMarkup(value)}${template[index + 1]?.replace(/\n\s*/g, '\n') ?? ''}`,
  );
  return { markup: `${template[0]?.replace(/\n\s*/g, '\n') ?? ''}${parts.join('')}` };
}

/** The same text, in which no line ends within a figure with its unit or the name of an endpoint. */
export function keepTogether(text: string): string {
  return text.replace(/ (?=(?:µs|ms|s|%|\/\w+)(?![\w/]))/g, '\u00a0');
}

/** The same text, in which no line ends within an option with its value. */
export function keepOptions(text: string): Html {
  return html`${text.split(/(--\w+ \S+)/).map((part, index) => (index % 2 === 1 ? html`<span class="option">${part}</span>` : html`${part}`))}`;
}

/** Data for a `<script type="application/json">`: it cannot end the element it stands in. */
export function jsonForScript(data: unknown): Html {
  return { markup: JSON.stringify(data).replaceAll('<', '\\u003c') };
}

function toMarkup(value: string | number | Html | readonly Html[]): string {
  if (typeof value === 'string') return escapeHtml(value);
  if (typeof value === 'number') return String(value);
  return 'markup' in value ? value.markup : value.map(({ markup }) => markup).join('');
}
