import { describe } from "vitest";
import { checkRows } from "../test/rows.ts";

describe("a pair of coordinates is one finding", () => {
  checkRows("COORDINATES", [
    { text: "at 48.8566, 2.3522 in Paris", finds: ["48.8566, 2.3522"] },
    { text: "(52.520008,13.404954)", finds: ["52.520008,13.404954"] },
    { text: "-33.8688, 151.2093 and 40.7128, -74.0060.", finds: ["-33.8688, 151.2093", "40.7128, -74.0060"] },
    { text: "geo:48.2010,16.3695,183 geo:48.2,16.4", finds: ["48.2010,16.3695", "48.2,16.4"] },
    {
      text: "https://www.openstreetmap.org/?mlat=48.8566&mlon=2.3522 https://maps.example/@48.85661,2.35222,17z",
      finds: ["48.85661,2.35222"],
    },
    { text: "48°51'24\"N 2°21'03\"E", finds: ["48°51'24\"N 2°21'03\"E"] },
    { text: "40° 26′ 46″ N 79° 58′ 56″ W", finds: ["40° 26′ 46″ N 79° 58′ 56″ W"] },
    { text: "N 48° 51.396', E 002° 21.132' ", finds: ["N 48° 51.396', E 002° 21.132'"] },
    { text: "48.8566° N, 2.3522° E; 48.8566N 2.3522E", finds: ["48.8566° N, 2.3522° E", "48.8566N 2.3522E"] },
    { text: "SET gps = '43.201426, -23.4087' WHERE", finds: ["43.201426, -23.4087"] },
    { text: "POINT(2.3522 48.8566)", finds: ["2.3522 48.8566"] },
    { text: '{"type":"Point","coordinates":[2.35222,48.85661]}', finds: ["2.35222,48.85661"] },
    { text: '{"coordinates": [2.35222, 48.85661]}', finds: ["2.35222, 48.85661"] },
    { text: "Koordinaten: 52.52,13.40; GPS 52.5200, 13.4050", finds: ["52.52,13.40", "52.5200, 13.4050"] },
    { text: "współrzędne: 52.2297, 21.0122", finds: ["52.2297, 21.0122"] },
  ]);
});

describe("half a pair is found behind its own label", () => {
  checkRows("COORDINATES", [
    { text: '{"lat": 48.8566, "lng": 2.3522}', finds: ["48.8566", "2.3522"] },
    { text: "latitude=48.8566 longitude=-2.3522", finds: ["48.8566", "-2.3522"] },
    { text: "Breitengrad: 52.5200, Längengrad: 13.4050", finds: ["52.5200", "13.4050"] },
    { text: "<lat>48.8566</lat>", finds: ["48.8566"] },
    { text: "lat: 148.8566, lat: 48", finds: [] },
  ]);
});

describe("other pairs and lists of numbers are no places", () => {
  checkRows("COORDINATES", [
    { text: "[0.123456, 0.567891] ci (0.1234, 0.5678)", finds: [] },
    { text: "[12.345678, 23.456789, 34.567891, 45.678912]", finds: [] },
    { text: "[-0.0069, 12.00533, 0.0123, -0.0456]", finds: [] },
    { text: "[12.345678,23.456789,34.567891]", finds: [] },
    { text: "12.50, 13.75 and 1.0952, 1.2345", finds: [] },
    { text: "v12.3456,7.8901 1.2.3.4, 10.20.3000,4", finds: [] },
    { text: "95.12345, 193.12345; 12.34567, 193.12345", finds: [] },
    { text: "20° 30 people, 20.5°, 21.3° C", finds: [] },
    { text: "$48.8566, 2.3522", finds: [] },
    { text: "d='M12.34567,7.89012 23.45678,8.90123 34.56789,9.01234'", finds: [] },
    { text: "loss 2.30259, acc 11.25000", finds: [] },
  ]);
});
