// The official viewer, with our document; where it could not be loaded, what to do about that.

const place = document.getElementById("reference");

function say(...lines) {
	const paragraph = (line) => Object.assign(document.createElement("p"), { className: "words", textContent: line });
	place.replaceChildren(...lines.map(paragraph));
}

async function show() {
	if (typeof AsyncApiStandalone === "undefined") {
		return say(
			`The reference viewer could not be loaded from ${document.body.dataset.viewer}: this browser is offline, or may not load it from there. The console does without it.`,
			"To serve it yourself, install the npm package @asyncapi/react-component, serve its browser/standalone/index.js and styles/default.min.css, and give add_asyncapi(...) their addresses as asyncapi_js_url and asyncapi_css_url.",
		);
	}
	let schema;
	try {
		const response = await fetch(document.body.dataset.document, { cache: "no-cache" });
		if (!response.ok) throw new Error(`the server answered ${response.status}`);
		schema = await response.json();
	} catch (error) {
		return say(`The document could not be loaded: ${error.message}.`);
	}
	AsyncApiStandalone.render({ schema, config: { show: { sidebar: true, errors: true } } }, place);
}

show();
