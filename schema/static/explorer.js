// Starts GraphiQL on the page: our tabs, our endpoint, headers editable (a bearer token goes there) and never stored.
"use strict";

(function () {
  const tabs = JSON.parse(document.getElementById("tabs").textContent).map((tab) => ({
    query: tab.query,
    variables: tab.variables || null,
    headers: tab.headers || null,
  }));
  const fetcher = GraphiQL.createFetcher({ url: "/graphql" });

  function Explorer() {
    const [query, setQuery] = React.useState(undefined);
    const plugin = GraphiQLPluginExplorer.useExplorerPlugin({ query, onEdit: setQuery });
    return React.createElement(GraphiQL, {
      fetcher,
      query,
      onEditQuery: setQuery,
      plugins: [plugin],
      defaultTabs: tabs,
      defaultEditorToolsVisibility: "headers",
      isHeadersEditorEnabled: true,
      shouldPersistHeaders: false,
    });
  }

  ReactDOM.render(React.createElement(Explorer), document.getElementById("explorer"));
})();
