"use strict";
(function () {
  var all = function (query, root) { return Array.prototype.slice.call((root || document).querySelectorAll(query)); };
  var field = document.querySelector("input[type=search]"), status = document.querySelector("[role=status]");
  var items = null;

  function search(text) {
    var words = text.toLowerCase().split(/\s+/).filter(Boolean), shown = 0;
    if (!items) items = all("[data-item]").map(function (item) { return [item, item.textContent.toLowerCase()]; });
    items.forEach(function (pair) {
      var found = words.every(function (word) { return pair[1].indexOf(word) >= 0; });
      if (found) { shown++; pair[0].removeAttribute("data-hidden"); } else pair[0].setAttribute("data-hidden", "");
    });
    status.textContent = words.length ? shown + " of " + items.length + " rows match" : "";
  }

  function sortBy(head, index) {
    var table = head.closest("table"), body = table.tBodies[0];
    var down = head.getAttribute("aria-sort") === "ascending";
    all("th[aria-sort]", table).forEach(function (each) { each.removeAttribute("aria-sort"); });
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    var order = new Intl.Collator("en", { numeric: true });
    var keyed = Array.prototype.map.call(body.rows, function (row, at) {
      var text = row.cells[index].textContent.replace(/\s+/g, " ").trim();
      return { row: row, empty: !text || text === "-", text: text, at: at };
    });
    keyed.sort(function (one, two) {
      if (one.empty !== two.empty) return one.empty ? 1 : -1;
      return (down ? -1 : 1) * order.compare(one.text, two.text) || one.at - two.at;
    });
    keyed.forEach(function (each) { body.appendChild(each.row); });
  }

  all("table[data-sortable]").forEach(function (table) {
    all("thead th", table).forEach(function (head, index) {
      var button = document.createElement("button");
      button.type = "button";
      while (head.firstChild) button.appendChild(head.firstChild);
      head.appendChild(button);
      button.addEventListener("click", function () { sortBy(head, index); });
    });
  });

  function members(group) {
    var list = document.querySelector('[data-group="' + group + '"]');
    return list ? all("[data-name]", list).map(function (each) { return each.textContent; }) : [];
  }

  function find(name) {
    var exact = document.getElementById(name);
    if (exact) return exact;
    var parts = /^([^\/]*)\/((?:digest|tag)\/[^]*)$/.exec(name);
    if (!parts) return null;
    return all("[data-rest]").filter(function (each) {
      return each.getAttribute("data-rest") === parts[2] && members(each.getAttribute("data-of")).indexOf(parts[1]) >= 0;
    })[0] || null;
  }

  function follow() {
    var name = location.hash.slice(1);
    try { name = decodeURIComponent(name); } catch (error) { return; }
    if (name.slice(0, 2) === "q=") { field.value = name.slice(2); search(field.value); return; }
    var target = name && find(name);
    all(".hit").forEach(function (each) { each.classList.remove("hit"); });
    if (!target) return;
    for (var each = target; each; each = each.parentElement) {
      if (each.tagName === "DETAILS") each.open = true;
      each.removeAttribute("data-hidden");
    }
    if (name.charAt(0) !== ":") target.classList.add("hit");
    target.scrollIntoView();
  }

  all("[data-fold]").forEach(function (button) {
    button.addEventListener("click", function () {
      all("details").forEach(function (each) { each.open = button.getAttribute("data-fold") === "open"; });
    });
  });
  document.querySelector(".tools").hidden = false;
  field.addEventListener("input", function () {
    search(field.value);
    history.replaceState(null, "", field.value ? "#q=" + encodeURIComponent(field.value) : location.pathname + location.search);
  });
  var folded = [];
  addEventListener("beforeprint", function () {
    folded = all("details:not([open])");
    folded.forEach(function (each) { each.open = true; });
  });
  addEventListener("afterprint", function () { folded.forEach(function (each) { each.open = false; }); });
  addEventListener("hashchange", follow);
  follow();
})();
