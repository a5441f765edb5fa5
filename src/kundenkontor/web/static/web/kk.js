// Enhancements only: every page works without this file.
(() => {
  "use strict";

  const german = document.documentElement.lang.startsWith("de");
  const number = new Intl.NumberFormat(german ? "de-DE" : "en-GB", { maximumFractionDigits: 1 });

  function bytes(size) {
    const units = ["B", "kB", "MB", "GB", "TB"];
    let unit = 0;
    while (size >= 1000 && unit < units.length - 1) { size /= 1000; unit += 1; }
    return `${number.format(size)} ${units[unit]}`;
  }

  // "30 ausgewählt, 4,2 MB"
  function selectionBar(bar) {
    const form = bar.dataset.selection;
    bar.dataset.live = "";
    const boxes = () => [...document.querySelectorAll(`input[type=checkbox][form="${form}"]:not([data-select-all])`)];
    const all = document.querySelector(`input[data-select-all][form="${form}"]`);
    const text = bar.querySelector("[data-selection-text]");
    function update() {
      const chosen = boxes().filter((box) => box.checked);
      const size = chosen.reduce((sum, box) => sum + Number(box.dataset.bytes || 0), 0);
      bar.hidden = chosen.length === 0;
      const sentence = bar.dataset.text.replace("{count}", number.format(chosen.length));
      text.textContent = size ? sentence.replace("{size}", bytes(size)) : sentence.replace(/, ?\{size\}/, "");
      if (all) {
        all.checked = chosen.length > 0 && chosen.length === boxes().length;
        all.indeterminate = chosen.length > 0 && !all.checked;
      }
    }
    document.addEventListener("change", (event) => {
      if (event.target === all) boxes().forEach((box) => { box.checked = all.checked; });
      if (event.target.matches?.(`input[form="${form}"]`)) update();
    });
    if (all) all.closest("[data-needs-script]")?.removeAttribute("hidden");
    update();
  }

  // a menu closes on Escape and on a click beside it
  function closeMenus(except) {
    document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
      if (!except || !menu.contains(except)) menu.open = false;
    });
  }
  document.addEventListener("click", (event) => closeMenus(event.target));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = document.activeElement?.closest("details[data-menu][open]");
    closeMenus();
    open?.querySelector("summary")?.focus();
  });

  // a form is sent once per click; the server's idempotency key is the real guard
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    window.setTimeout(() => { delete form.dataset.sent; }, 4000);
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => { delete form.dataset.sent; });
  });

  // whoever leaves a form that holds what he typed is asked first
  const texts = "textarea, select, input:not([type=hidden], [type=checkbox], [type=radio], [type=file])";
  function isTyped(field) {
    if (!field.matches("input, select, textarea")) return false;
    if (field.matches("select")) return field.selectedIndex !== Math.max(0, [...field.options].findIndex((one) => one.defaultSelected));
    if (field.matches("[type=checkbox], [type=radio]")) return field.checked !== field.defaultChecked;
    return field.value !== field.defaultValue;
  }
  function isHeld(form) {
    if (form.method !== "post" || form.dataset.sent || form.querySelector("[type=password]")) return false;
    const isShownAgain = document.querySelector(".kk-errors") && form.querySelector(texts);
    return isShownAgain || [...form.elements].some((field) => form.contains(field) && isTyped(field));
  }
  function askBeforeLeaving(event) {
    if ([...document.forms].some(isHeld)) event.preventDefault();
  }
  const watch = () => window.addEventListener("beforeunload", askBeforeLeaving);
  document.addEventListener("input", watch, { once: true });
  if (document.querySelector(".kk-errors")) watch();

  document.querySelectorAll("[data-selection]").forEach(selectionBar);
  document.querySelector(".kk-errors")?.focus();
})();
