/** The one place that tells the library's models what to keep; it is not documented there, and an upgrade turns test/flow red. */

/** Makes `model` store `names` as well, which it otherwise drops. Call it before the provider serves. */
export function keepFields(model: { IN_PAYLOAD: string[] }, ...names: string[]): void {
  Object.defineProperty(model, 'IN_PAYLOAD', { value: [...model.IN_PAYLOAD, ...names] });
}
