// Elements, and numbers as people read them.

const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes and children; a function as attribute is an event handler. */
function el(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Makes the children of a parent those of a list, by key; elements that stay are only updated. */
function sync(parent, list, keyOf, create, update) {
  const old = new Map(Array.from(parent.children, (child) => [child.dataset.key, child]));
  let place = parent.firstElementChild;
  for (const item of list) {
    const key = String(keyOf(item));
    let child = old.get(key);
    if (child) old.delete(key);
    else {
      child = create(item);
      child.dataset.key = key;
    }
    if (child === place) place = place.nextElementSibling;
    else parent.insertBefore(child, place);
    update(child, item);
  }
  for (const child of old.values()) child.remove();
}

/** Sets a text only if it is another one. */
function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Sets or takes away an attribute. */
function mark(element, name, value) {
  const now = value === true ? "" : value;
  if (now === false || now === null || now === undefined) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(now)) element.setAttribute(name, now);
}

const grouped = (number) => String(number).replace(/\B(?=(\d{3})+(?!\d))/g, ",");

/** A point in time: seconds with all nine digits in groups. */
function timeText(ns) {
  const whole = Math.floor(ns / 1e9);
  const rest = String(Math.round(ns - whole * 1e9)).padStart(9, "0");
  return `${whole}.${rest.slice(0, 3)} ${rest.slice(3, 6)} ${rest.slice(6)} s`;
}

/** A length of time in the unit that fits, exact to the nanosecond. */
function spanText(ns) {
  if (ns < 0) return `-${spanText(-ns)}`;
  const units = [[1e9, "s"], [1e6, "ms"], [1e3, "µs"]];
  for (const [size, unit] of units) {
    if (ns >= size) {
      const whole = Math.floor(ns / size);
      const rest = String(Math.round(ns - whole * size)).padStart(Math.log10(size), "0").replace(/0+$/, "");
      return `${grouped(whole)}${rest ? `.${rest}` : ""} ${unit}`;
    }
  }
  return `${Math.round(ns)} ns`;
}

/** The same with three digits at most. */
function shortSpan(ns) {
  if (ns === 0) return "0";
  for (const [size, unit] of [[1e9, "s"], [1e6, "ms"], [1e3, "µs"], [1, "ns"]]) {
    if (ns >= size) return `${Number((ns / size).toPrecision(3))} ${unit}`;
  }
  return `${ns} ns`;
}

function bytesText(bytes) {
  if (bytes < 10240) return `${grouped(bytes)} B`;
  if (bytes < 1048576) return `${Number((bytes / 1024).toPrecision(3))} KiB`;
  if (bytes < 1073741824) return `${Number((bytes / 1048576).toPrecision(3))} MiB`;
  return `${Number((bytes / 1073741824).toPrecision(3))} GiB`;
}

/** A share of 1000 as percent. */
const permilleText = (permille) => `${Math.floor(permille / 10)}%`;

function shortNumber(value) {
  if (value >= 1e9) return `${Number((value / 1e9).toPrecision(3))}G`;
  if (value >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`;
  if (value >= 1e4) return `${Number((value / 1e3).toPrecision(3))}k`;
  return String(Number(value.toPrecision(3)));
}
