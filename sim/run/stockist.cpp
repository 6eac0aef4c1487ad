#include "sim/run/stockist.hpp"

namespace bv::sim {

client_script stockist_of(const plan& what, std::uint16_t node) {
  client_script script{.name = "stockist-" + std::to_string(node + 1), .user = {}, .node = node, .steps = {}};
  for (const auto& shelf : what.shelves) {
    const auto price = "{\"minor\":" + std::to_string(shelf.price_minor) + ",\"currency\":\"USD\"}";
    script.steps.push_back(ask_step{.entity = "product/p-" + shelf.sku, .command = "create",
                                    .body = "{\"sku\":\"" + shelf.sku + "\",\"name\":\"" + shelf.sku +
                                            "\",\"category\":\"simulated\",\"price\":" + price +
                                            ",\"initialStock\":" + std::to_string(shelf.stock) + "}"});
    script.steps.push_back(await_step{.entity = "inventory/" + shelf.sku, .path = "available",
                                      .values = {std::to_string(shelf.stock)}, .within = undisturbed_max, .required = true});
  }
  return script;
}

}  // namespace bv::sim
