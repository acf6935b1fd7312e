/** What had the focus is gone from the page: who works by keyboard goes on here, and not at the top of the page. */
export function takeLostFocus(here: HTMLElement | null | undefined): void {
  if (document.activeElement === document.body) here?.focus();
}
