#include "actors/commerce/sample_data.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "protocols/schema/commerce/product.hpp"

namespace bv::commerce {
namespace {

struct sample {
  std::string_view sku, name, description, category;
  std::int64_t price_cents;
  std::uint32_t stock;
};

constexpr sample samples[] = {
    {"MUG-1", "Enamel mug", "Holds 350 ml and forgives a fall.", "kitchen", 12'50, 500},
    {"MUG-2", "Stoneware mug", "Glazed by hand, no two alike.", "kitchen", 18'00, 240},
    {"KETTLE-1", "Gooseneck kettle", "Pours thin and steady; one litre.", "kitchen", 64'90, 60},
    {"PAN-24", "Cast iron pan 24 cm", "Seasoned; lasts for generations.", "kitchen", 39'00, 80},
    {"KNIFE-20", "Chef's knife 20 cm", "Carbon steel, pear wood handle.", "kitchen", 89'00, 45},
    {"BOARD-1", "Cutting board", "End-grain oak, 40 by 30 cm.", "kitchen", 54'00, 70},
    {"GRINDER-1", "Hand coffee grinder", "Conical steel burrs, 30 g.", "kitchen", 79'00, 35},
    {"BOOK-DDD", "Domain-Driven Design", "Tackling complexity in the heart of software.", "books", 54'95, 40},
    {"BOOK-DDIA", "Designing Data-Intensive Applications", "The big ideas behind reliable systems.", "books",
     44'99, 120},
    {"BOOK-TAOCP1", "The Art of Computer Programming 1", "Fundamental algorithms.", "books", 72'00, 25},
    {"BOOK-SICP", "Structure and Interpretation of Computer Programs", "The wizard book.", "books", 49'50,
     30},
    {"BOOK-MOON", "From the Earth to the Moon", "Jules Verne, illustrated.", "books", 14'90, 200},
    {"BOOK-WALDEN", "Walden", "Life in the woods.", "books", 11'00, 150},
    {"BOOK-COOK", "Salt, Fat, Acid, Heat", "Mastering the elements of good cooking.", "books", 32'00, 90},
    {"LAMP-1", "Desk lamp", "Dims from candle to daylight.", "office", 49'00, 110},
    {"CHAIR-1", "Task chair", "Adjusts in every direction; ten years of warranty.", "office", 389'00, 20},
    {"DESK-160", "Standing desk 160 cm", "Two motors, four remembered heights.", "office", 699'00, 12},
    {"PEN-1", "Fountain pen", "Steel nib, fine; takes cartridges and converters.", "office", 24'00, 300},
    {"INK-1", "Blue-black ink", "50 ml, does not fade.", "office", 9'50, 400},
    {"NOTE-A5", "Notebook A5", "192 numbered pages, dotted.", "office", 16'00, 600},
    {"NOTE-A4", "Notebook A4", "160 pages, squared.", "office", 19'00, 350},
    {"TRAY-1", "Paper tray", "Powder-coated steel, stacks.", "office", 22'00, 130},
    {"KEYS-75", "Mechanical keyboard", "75 percent, hot-swap, quiet switches.", "electronics", 119'00, 55},
    {"MOUSE-1", "Vertical mouse", "Easy on the wrist.", "electronics", 45'00, 95},
    {"PHONES-1", "Wired headphones", "Open back, every part replaceable.", "electronics", 149'00, 40},
    {"CABLE-C1", "USB-C cable 1 m", "100 W, 10 Gbit/s, braided.", "electronics", 12'00, 900},
    {"HUB-7", "USB hub", "Seven ports with their own supply.", "electronics", 59'00, 75},
    {"MONITOR-27", "Monitor 27 inch", "4K, matt, calibrated.", "electronics", 429'00, 18},
    {"SSD-2T", "Portable SSD 2 TB", "Survives a drop of three metres.", "electronics", 159'00, 65},
    {"RADIO-1", "Pocket radio", "FM, short wave, runs for a month.", "electronics", 34'00, 8},
    {"TENT-2", "Tent for two", "1.9 kg, stands in a gale.", "outdoor", 329'00, 22},
    {"BAG-35", "Backpack 35 l", "Waxed cotton, leather straps.", "outdoor", 139'00, 48},
    {"BOTTLE-1", "Steel bottle", "Keeps a litre hot for a day.", "outdoor", 29'00, 320},
    {"STOVE-1", "Camping stove", "Folds to the size of a fist.", "outdoor", 44'00, 60},
    {"HEADLAMP-1", "Head lamp", "350 lumen, charges by USB-C.", "outdoor", 39'00, 140},
    {"COMPASS-1", "Compass", "Sapphire bearing, adjusts for declination.", "outdoor", 27'00, 85},
    {"BLANKET-1", "Wool blanket", "Woven of undyed wool, 200 by 140 cm.", "home", 98'00, 33},
    {"CANDLE-1", "Beeswax candle", "Burns for forty hours.", "home", 14'00, 260},
    {"CLOCK-1", "Wall clock", "Sweeps silently.", "home", 42'00, 50},
    {"VASE-1", "Glass vase", "Mouth-blown, 28 cm.", "home", 36'00, 5},
    {"RUG-1", "Cotton rug", "Flat weave, 170 by 120 cm.", "home", 74'00, 0},
    {"GIFT-5", "Gift card", "For those who have everything.", "home", 5'00, 10'000},
};

std::string lower(std::string_view sku) {
  std::string id(sku);
  std::transform(id.begin(), id.end(), id.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
  return id;
}

}  // namespace

std::vector<runtime::command_request> sample_catalogue() {
  std::vector<runtime::command_request> requests;
  for (const auto& one : samples) {
    const auto id = "product-" + lower(one.sku);
    runtime::command_request request;
    request.entity = entity_key::trusted(entity_key::default_tenant, "product", id);
    request.command = product::contract::encode(product::command{
        product::create{std::string(one.sku), std::string(one.name), std::string(one.description),
                        std::string(one.category), common::money{one.price_cents, "USD"}, one.stock}});
    request.command_id = "sample-" + id;
    requests.push_back(std::move(request));
  }
  return requests;
}

}  // namespace bv::commerce
