#include "protocols/schema/commerce/product.hpp"

#include "actors/commerce/commerce.hpp"
#include "actors/commerce/money.hpp"
#include "actors/commerce/stock_view.hpp"
#include "tests/actors/scenario.hpp"

namespace bv::commerce::product {
namespace {

using namespace bv::test;
using namespace std::chrono_literals;

struct product_story : scenario<contract> {
  product_story() : scenario(make_product(), "product", "p-1") {}
};

const money price{12'50, "USD"};
const create mug{"MUG-1", "Enamel mug", "Holds 350 ml.", "kitchen", price, 100};
const created mug_created{"p-1", "MUG-1", "Enamel mug", "Holds 350 ml.", "kitchen", price, 100, start};

create priced(std::int64_t minor) {
  auto wish = mug;
  wish.price.minor = minor;
  return wish;
}

}  // namespace

TEST_CASE("product: creating it tells what it is and how much of it there is") {
  product_story story;
  story.when(mug).then({mug_created});
  CHECK(story.now_held() ==
        state{"p-1", "MUG-1", "Enamel mug", "Holds 350 ml.", "kitchen", price, start, start, false});
}

TEST_CASE("product: an id is given once") {
  product_story story;
  story.given({mug_created}).when(mug).rejected("product_exists");
}

TEST_CASE("product: a SKU that is on sale is taken") {
  product_story story;
  stock_view::stock_row row{"MUG-1", "p-0", "Other mug", price, 5, 0, 0, false, true};
  story.facts().put("stock_view", stock_key("default", "MUG-1"), encode(row));
  story.when(mug).rejected("sku_taken");
  row.on_sale = false;
  story.facts().put("stock_view", stock_key("default", "MUG-1"), encode(row));
  story.when(mug).then({mug_created});
}

TEST_CASE("product: a price is above 0 and at most a million") {
  product_story story;
  story.when(priced(0)).rejected("price_out_of_range", error_kind::invalid);
  story.when(priced(-1)).rejected("price_out_of_range", error_kind::invalid);
  story.when(priced(1'000'000'01)).rejected("price_out_of_range", error_kind::invalid);
  story.given({mug_created});
  story.when(update{{}, {}, {}, money{0, "USD"}}).rejected("price_out_of_range", error_kind::invalid);
}

TEST_CASE("product: an update changes what it names and says how the product then is") {
  product_story story;
  story.given({mug_created}).at(start + 1h).when(update{{}, {}, {}, money{13'00, "USD"}});
  story.then({updated{"p-1", "MUG-1", "Enamel mug", "Holds 350 ml.", "kitchen", {13'00, "USD"}, start + 1h}});
  story.when(update{"Mug", "", "gifts", {}});
  story.then({updated{"p-1", "MUG-1", "Mug", "", "gifts", {13'00, "USD"}, start + 1h}});
  CHECK(story.now_held().created_at == start);
  CHECK(story.now_held().updated_at == start + 1h);
}

TEST_CASE("product: an update that changes nothing has no effect") {
  product_story story;
  story.given({mug_created});
  story.when(update{}).without_effect();
  story.when(update{"Enamel mug", {}, {}, price}).without_effect();
}

TEST_CASE("product: what was never created can't be changed or removed") {
  product_story story;
  story.when(update{"Mug", {}, {}, {}}).rejected("product_unknown", error_kind::not_found);
  story.when(product::remove{}).rejected("product_unknown", error_kind::not_found);
}

TEST_CASE("product: a removed one is gone for good") {
  product_story story;
  story.given({mug_created}).when(product::remove{}).then({removed{"p-1", "MUG-1", start}});
  CHECK(story.now_held().removed);
  story.when(product::remove{}).rejected("product_unknown", error_kind::not_found);
  story.when(update{"Mug", {}, {}, {}}).rejected("product_unknown", error_kind::not_found);
  story.when(mug).rejected("product_removed");
}

}  // namespace bv::commerce::product
