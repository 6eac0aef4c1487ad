// A file of its own, because the page's Content-Security-Policy allows no script inside the page.
window.addEventListener("load", () => {
  window.ui = SwaggerUIBundle({
    url: "/openapi.json",
    dom_id: "#swagger-ui",
    deepLinking: true,
    displayRequestDuration: true,
    filter: true,
    docExpansion: "none",
    validatorUrl: null, // it would send the document to a server outside
    presets: [SwaggerUIBundle.presets.apis],
    layout: "BaseLayout",
  });
});
