// Elements are built, never parsed: whatever a document or a socket says is text, and nothing else.

export function el(tag, attributes = {}, ...children) {
	const element = document.createElement(tag);
	for (const [name, value] of Object.entries(attributes)) {
		if (value === true) element.setAttribute(name, "");
		else if (value !== false && value != null) element.setAttribute(name, value);
	}
	element.append(...children.filter(Boolean));
	return element;
}

/** A `details` whose content is built when it is first opened: schemas may be recursive. */
export function fold(summary, build) {
	const details = el("details", {}, summary);
	details.addEventListener("toggle", () => details.append(build()), { once: true });
	return details;
}

export const star = () => el("span", { class: "problem", title: "required" }, "*");

let count = 0;

/** Tie a control and what is said of it together, for screen readers too. Return `{row, complain(text)}`. */
export function label(title, control, { hint, isRequired, kind }) {
	control.id = `field-${++count}`;
	const problem = el("small", { class: "problem", id: `${control.id}-problem` });
	const words = el("small", { id: `${control.id}-hint` }, hint);
	control.setAttribute("aria-describedby", `${words.id} ${problem.id}`);
	const head = el("label", { for: control.id }, title, isRequired && star(), kind && el("span", { class: "note" }, kind));
	const complain = (text) => {
		problem.textContent = text || "";
		if (text) control.setAttribute("aria-invalid", true);
		else control.removeAttribute("aria-invalid");
	};
	return { row: el("div", { class: "field" }, head, control, words, problem), complain };
}

/** Copy a text, also where the page came over plain HTTP, which has no clipboard. */
export async function copy(text, button) {
	try {
		await navigator.clipboard.writeText(text);
	} catch {
		const area = el("textarea", { class: "offscreen" }, text);
		document.body.append(area);
		area.select();
		document.execCommand("copy");
		area.remove();
		button.focus();
	}
	button.textContent = "Copied";
	setTimeout(() => (button.textContent = "Copy"), 1200);
}
